// Drives a server with grpc-js from the proto files alone: grpc_client.js PROTOS GRPC_ADDRESS. Ends with "all is well".
const assert = require('assert');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const [protos, address] = process.argv.slice(2);
const load = file => grpc.loadPackageDefinition(loader.loadSync(file, { includeDirs: [protos], keepCase: true, longs: Number, enums: String, defaults: true, oneofs: true }));
const client = new (load('open_inference.proto').inference.GRPCInferenceService)(address, grpc.credentials.createInsecure());
const health = new (load('health.proto').grpc.health.v1.Health)(address, grpc.credentials.createInsecure());
const call = (on, method, request) => new Promise((resolve, reject) => on[method](request, { deadline: Date.now() + 20000 }, (error, answer) => error ? reject(error) : resolve(answer)));

const numbers = [...Array(16).keys()];
const request = (id, more = {}) => ({
  model_name: 'simple', id,
  inputs: ['INPUT0', 'INPUT1'].map((name, i) => ({ name, datatype: 'INT32', shape: [1, 16], contents: { int_contents: i ? numbers.map(() => 1) : numbers } })), ...more,
});
const read = buffer => numbers.map(i => buffer.readInt32LE(4 * i));

(async () => {
  assert.strictEqual((await call(health, 'Check', {})).status, 'SERVING');
  assert.ok((await call(client, 'ServerReady', {})).ready);
  assert.deepStrictEqual((await call(client, 'ModelMetadata', { name: 'simple' })).inputs[0].shape, [-1, 16]);
  const typed = await call(client, 'ModelInfer', request('a'));
  assert.deepStrictEqual(read(typed.raw_output_contents[0]), numbers.map(i => i + 1));
  const raw = request('b');
  const bytes = values => { const b = Buffer.alloc(64); values.forEach((v, i) => b.writeInt32LE(v, 4 * i)); return b; };
  raw.inputs.forEach(i => delete i.contents);
  raw.raw_input_contents = [bytes(numbers), bytes(numbers.map(() => 1))];
  assert.deepStrictEqual(read((await call(client, 'ModelInfer', raw)).raw_output_contents[1]), numbers.map(i => i - 1));
  assert.strictEqual((await call(client, 'ModelConfig', { name: 'simple' })).config.max_batch_size, 8);
  await assert.rejects(call(client, 'ModelInfer', request('c', { model_name: 'wrong' })), e => e.code === grpc.status.NOT_FOUND && e.details.includes('Request for unknown model'));
  await assert.rejects(call(client, 'ModelInfer', { ...raw, inputs: request('d').inputs }), e => e.code === grpc.status.INVALID_ARGUMENT);

  const stream = client.ModelStreamInfer();
  const ids = [];
  const ended = new Promise((resolve, reject) => stream.on('data', a => ids.push(a.error_message || a.infer_response.id)).on('end', resolve).on('error', reject));
  for (let i = 0; i < 50; i++) stream.write(request(String(i)));
  stream.end();
  await ended;
  assert.deepStrictEqual(ids, [...Array(50).keys()].map(String));
  console.log('all is well');
  process.exit(0);
})().catch(error => { console.error(error); process.exit(1); });
