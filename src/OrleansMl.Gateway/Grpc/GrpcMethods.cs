using Google.Protobuf;
using Grpc.Core;

namespace OrleansMl.Gateway.Grpc;

/// <summary>
/// The methods of a service, bound so that bytes that are no message of the method's type are INVALID_ARGUMENT. A unary request is read
/// before any interceptor runs, and what its marshaller throws is UNKNOWN unless it is an <see cref="RpcException"/>: so the marshaller says it.
/// </summary>
internal sealed class GrpcMethods : ServiceBinderBase
{
    private readonly ServerServiceDefinition.Builder _definition = ServerServiceDefinition.CreateBuilder();

    private GrpcMethods()
    {
    }

    /// <summary>The definition of a service whose generated <c>BindService</c> is <paramref name="bind"/>.</summary>
    public static ServerServiceDefinition Of<TService>(Action<ServiceBinderBase, TService> bind, TService service)
    {
        var methods = new GrpcMethods();
        bind(methods, service);
        return methods._definition.Build();
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
        => _definition.AddMethod(Strict(method), handler!);

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler)
        => _definition.AddMethod(Strict(method), handler!);

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
        => _definition.AddMethod(Strict(method), handler!);

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler)
        => _definition.AddMethod(Strict(method), handler!);

    private static Method<TRequest, TResponse> Strict<TRequest, TResponse>(Method<TRequest, TResponse> method)
        where TRequest : class
        where TResponse : class
    {
        var read = method.RequestMarshaller.ContextualDeserializer;
        var marshaller = Marshallers.Create(method.RequestMarshaller.ContextualSerializer, context =>
        {
            try
            {
                return read(context);
            }
            catch (InvalidProtocolBufferException exception)
            {
                throw new RpcException(new Status(StatusCode.InvalidArgument, WhatIsWrong<TRequest>(method.FullName, exception)));
            }
        });
        return new Method<TRequest, TResponse>(method.Type, method.ServiceName, method.Name, marshaller, method.ResponseMarshaller);
    }

    private static string WhatIsWrong<TRequest>(string method, InvalidProtocolBufferException exception)
    {
        var message = ((IMessage)Activator.CreateInstance(typeof(TRequest))!).Descriptor;
        return $"The request of {method} is no {message.FullName}: {exception.Message} Send that message as the stubs made from {message.File.Name} serialize it.";
    }
}
