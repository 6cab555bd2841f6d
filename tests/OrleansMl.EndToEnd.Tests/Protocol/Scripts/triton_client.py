"""Drives a server with NVIDIA's own client, over HTTP and gRPC: triton_client.py HTTP_ADDRESS GRPC_ADDRESS. Ends with "all is well"."""
import queue
import sys

import numpy as np
import tritonclient.grpc as grpcclient
import tritonclient.http as httpclient
from tritonclient.utils import InferenceServerException

A = np.arange(16, dtype=np.int32).reshape(1, 16)
B = np.ones((1, 16), dtype=np.int32)


def inputs(client, datatype="INT32", binary=True, values=(A, B)):
    made = [client.InferInput("INPUT%d" % i, [1, 16], datatype) for i in (0, 1)]
    for tensor, value in zip(made, values):
        tensor.set_data_from_numpy(value, **({"binary_data": binary} if client is httpclient else {}))
    return made


def refused(call, status, words):
    try:
        call()
    except InferenceServerException as error:
        assert words in error.message(), error.message()
        assert status in str(error.status()), error.status()
        return
    raise AssertionError("not refused: " + words)


def check(client, server, http):
    assert server.is_server_live() and server.is_server_ready() and server.is_model_ready("simple", "1")
    metadata = server.get_server_metadata()
    assert (metadata["name"] if http else metadata.name) == "triton"
    model = server.get_model_metadata("simple")
    assert (model["versions"] if http else list(model.versions)) == ["1"]

    variants = [dict(request_compression_algorithm=a, response_compression_algorithm=a) if http else dict(compression_algorithm=a) for a in ("gzip", "deflate")]
    for options in [{}] + variants:
        result = server.infer("simple", inputs(client), request_id="42", **options)
        assert (result.as_numpy("OUTPUT0") == A + B).all() and (result.as_numpy("OUTPUT1") == A - B).all()
        assert (result.get_response()["id"] if http else result.get_response().id) == "42"
    if http:
        plain = server.infer("simple", inputs(client, binary=False), outputs=[client.InferRequestedOutput("OUTPUT1", binary_data=False)])
        assert (plain.as_numpy("OUTPUT1") == A - B).all() and plain.as_numpy("OUTPUT0") is None
        several = [server.async_infer("simple", inputs(client)) for _ in range(8)]
        assert all((one.get_result().as_numpy("OUTPUT0") == A + B).all() for one in several)
    small = server.infer("simple_int8", inputs(client, "INT8", values=(A.astype(np.int8), B.astype(np.int8))))
    assert (small.as_numpy("OUTPUT0") == A + B).all()
    texts = [np.array([str(x).encode() for x in v.flatten()], dtype=np.object_).reshape(1, 16) for v in (A, B)]
    assert server.infer("simple_string", inputs(client, "BYTES", values=texts)).as_numpy("OUTPUT1").tolist()[0][:2] == [b"-1", b"0"]
    best = server.infer("simple", inputs(client), outputs=[client.InferRequestedOutput("OUTPUT0", class_count=3)])
    assert best.as_numpy("OUTPUT0").tolist() == [[b"16:15", b"15:14", b"14:13"]]
    server.infer("simple", inputs(client), priority=1, timeout=5000000, parameters={"mine": "x"})

    for name, sequence, wanted in (("simple_dyna_sequence", 1000 if http else 1001, [1, 11, 1001 if http else 1002]), ("simple_sequence", "text-%s" % http, [1, 11, 1])):
        answers = []
        for i, value in enumerate((0, 11, 1)):
            one = client.InferInput("INPUT", [1, 1], "INT32")
            one.set_data_from_numpy(np.array([[value]], dtype=np.int32))
            answers.append(int(server.infer(name, [one], sequence_id=sequence, sequence_start=i == 0, sequence_end=i == 2).as_numpy("OUTPUT")[0][0]))
        assert answers == wanted, answers

    refused(lambda: server.infer("wrong", inputs(client)), "404" if http else "NOT_FOUND", "Request for unknown model")
    refused(lambda: server.infer("simple", inputs(client)[:1]), "400" if http else "INVALID_ARGUMENT", "INPUT1")
    refused(lambda: server.get_system_shared_memory_status(), "501" if http else "UNIMPLEMENTED", "not served")
    refused(lambda: server.load_model("wrong"), "404" if http else "NOT_FOUND", "failed to load")
    refused(lambda: server.load_model("simple", config="{"), "400" if http else "INVALID_ARGUMENT", "failed to load")
    refused(lambda: server.load_model("simple", config="{}", files={"file:" + "x" * 256: b"1"}), "400" if http else "INVALID_ARGUMENT", "failed to load")

    server.load_model("simple", config='{"max_batch_size":"16"}')
    config = server.get_model_config("simple")
    assert (config["max_batch_size"] if http else config.config.max_batch_size) == 16
    server.unload_model("simple")
    assert not server.is_model_ready("simple") and server.is_server_ready()
    server.load_model("simple")
    index = server.get_model_repository_index()
    assert "simple" in [m["name"] if http else m.name for m in (index if http else index.models)]
    # What is counted begins with the load.
    server.infer("simple", inputs(client))
    statistics = server.get_inference_statistics("simple")
    counted = statistics["model_stats"][0]["inference_count"] if http else statistics.model_stats[0].inference_count
    assert counted > 0
    server.update_trace_settings(settings={"trace_level": ["TIMESTAMPS"], "trace_rate": "1", "trace_count": "1"})
    server.update_trace_settings(settings={"trace_level": None, "trace_rate": None, "trace_count": None})
    server.get_trace_settings()
    server.update_log_settings({"log_verbose_level": 1})
    server.update_log_settings({"log_verbose_level": 0})
    server.get_log_settings()


def check_stream(server):
    answers = queue.Queue()
    server.start_stream(lambda result, error: answers.put((result, error)))
    for i in range(3):
        one = grpcclient.InferInput("INPUT", [1, 1], "INT32")
        one.set_data_from_numpy(np.array([[i]], dtype=np.int32))
        server.async_stream_infer("simple_dyna_sequence", [one], sequence_id=77, sequence_start=i == 0, sequence_end=i == 2, request_id=str(i))
    server.async_stream_infer("wrong", [one])
    got = [answers.get(timeout=20) for _ in range(4)]
    assert [int(r.as_numpy("OUTPUT")[0][0]) for r, e in got[:3]] == [1, 1, 79], got
    assert "Request for unknown model" in got[3][1].message()
    server.stop_stream()


check(httpclient, httpclient.InferenceServerClient(sys.argv[1], concurrency=4), True)
with grpcclient.InferenceServerClient(sys.argv[2]) as over_grpc:
    check(grpcclient, over_grpc, False)
    check_stream(over_grpc)
print("all is well")
