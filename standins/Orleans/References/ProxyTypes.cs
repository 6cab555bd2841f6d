using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Emit;

namespace System.Runtime.CompilerServices
{
    /// <summary>Lets an emitted assembly see another one's internals; the runtime knows it by its name.</summary>
    [AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
    internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
    {
        public string AssemblyName { get; } = assemblyName;
    }
}

namespace Orleans.Runtime
{
    /// <summary>Emits one proxy class per grain interface.</summary>
    internal static class ProxyTypes
    {
        private static readonly AssemblyBuilder Assembly = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("OrleansMl.StandIns.Orleans.Proxies"), AssemblyBuilderAccess.Run);
        private static readonly ModuleBuilder Module = Assembly.DefineDynamicModule("Proxies");
        private static readonly HashSet<string> Visible = [];
        private static readonly Lock Gate = new();
        private static readonly ConcurrentDictionary<Type, Func<CallRuntime, GrainId, GrainReference>> Constructors = new();
        private static readonly ConstructorInfo Base = typeof(GrainReference).GetConstructor(
            BindingFlags.Instance | BindingFlags.NonPublic, [typeof(CallRuntime), typeof(GrainId), typeof(Type)])!;

        private static readonly ConstructorInfo AccessChecks =
            typeof(System.Runtime.CompilerServices.IgnoresAccessChecksToAttribute).GetConstructor([typeof(string)])!;

        private static readonly MethodInfo TypeFromHandle = typeof(Type).GetMethod(nameof(Type.GetTypeFromHandle))!;
        private static int s_number;

        public static GrainReference Create(Type interfaceType, CallRuntime caller, GrainId id) =>
            (Constructors.TryGetValue(interfaceType, out var make) ? make : Constructors.GetOrAdd(interfaceType, Build))(caller, id);

        private static Func<CallRuntime, GrainId, GrainReference> Build(Type interfaceType)
        {
            InterfaceRules.Check(interfaceType);
            lock (Gate)
            {
                SeeInternalsOf(typeof(ProxyTypes).Assembly);
                Type[] all = [interfaceType, .. interfaceType.GetInterfaces()];
                foreach (var i in all)
                    SeeInternalsOf(i.Assembly);
                var type = Module.DefineType($"Proxy_{++s_number}_{interfaceType.Name}", TypeAttributes.Class | TypeAttributes.Sealed | TypeAttributes.NotPublic, typeof(GrainReference), all);
                var shapesField = type.DefineField("Shapes", typeof(MethodShape[]), FieldAttributes.Public | FieldAttributes.Static);
                DefineConstructor(type, interfaceType);
                var shapes = new List<MethodShape>();
                foreach (var declaring in all)
                {
                    foreach (var method in declaring.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
                    {
                        if (method.IsStatic || !method.IsAbstract)
                            continue;
                        SeeInternalsOfTypesIn(method);
                        DefineMethod(type, shapesField, method, shapes.Count);
                        shapes.Add(method.IsGenericMethodDefinition ? new OpenMethodShape(interfaceType, method) : MethodShape.Create(interfaceType, method));
                    }
                }

                var made = type.CreateType();
                made.GetField("Shapes")!.SetValue(null, shapes.ToArray());
                return Constructor(made);
            }
        }

        private static Func<CallRuntime, GrainId, GrainReference> Constructor(Type proxy)
        {
            var method = new DynamicMethod("New", typeof(GrainReference), [typeof(CallRuntime), typeof(GrainId)], typeof(ProxyTypes).Module, skipVisibility: true);
            var il = method.GetILGenerator();
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(OpCodes.Newobj, proxy.GetConstructor([typeof(CallRuntime), typeof(GrainId)])!);
            il.Emit(OpCodes.Ret);
            return method.CreateDelegate<Func<CallRuntime, GrainId, GrainReference>>();
        }

        private static void DefineConstructor(TypeBuilder type, Type interfaceType)
        {
            var il = type.DefineConstructor(MethodAttributes.Public, CallingConventions.HasThis, [typeof(CallRuntime), typeof(GrainId)]).GetILGenerator();
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(OpCodes.Ldarg_2);
            il.Emit(OpCodes.Ldtoken, interfaceType);
            il.Emit(OpCodes.Call, TypeFromHandle);
            il.Emit(OpCodes.Call, Base);
            il.Emit(OpCodes.Ret);
        }

        private static void DefineMethod(TypeBuilder type, FieldInfo shapes, MethodInfo method, int index)
        {
            var parameters = method.GetParameters();
            var builder = type.DefineMethod(
                $"{method.DeclaringType!.FullName}.{method.Name}",
                MethodAttributes.Private | MethodAttributes.HideBySig | MethodAttributes.NewSlot | MethodAttributes.Virtual | MethodAttributes.Final);
            GenericTypeParameterBuilder[] generic = [];
            if (method.IsGenericMethodDefinition)
            {
                var definitions = method.GetGenericArguments();
                generic = builder.DefineGenericParameters([.. definitions.Select(d => d.Name)]);
                for (var i = 0; i < generic.Length; i++)
                {
                    generic[i].SetGenericParameterAttributes(definitions[i].GenericParameterAttributes);
                    // An override has the constraints of what it overrides.
                    foreach (var constraint in definitions[i].GetGenericParameterConstraints())
                    {
                        SeeInternalsOfType(constraint);
                        if (constraint.IsInterface)
                            generic[i].SetInterfaceConstraints(constraint);
                        else
                            generic[i].SetBaseTypeConstraint(constraint);
                    }
                }
            }

            Type Local(Type t) => generic.Length == 0 ? t : Substitute(t, generic);
            var returns = Local(method.ReturnType);
            builder.SetReturnType(returns);
            builder.SetParameters([.. parameters.Select(p => Local(p.ParameterType))]);
            var il = builder.GetILGenerator();
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldsfld, shapes);
            il.Emit(OpCodes.Ldc_I4, index);
            if (generic.Length == 0)
            {
                il.Emit(OpCodes.Ldelem_Ref);
            }
            else
            {
                EmitArray(il, typeof(Type), generic.Length, i =>
                {
                    il.Emit(OpCodes.Ldtoken, generic[i]);
                    il.Emit(OpCodes.Call, TypeFromHandle);
                });
                il.Emit(OpCodes.Call, typeof(GrainReference).GetMethod(nameof(GrainReference.ShapeOf), BindingFlags.Static | BindingFlags.NonPublic)!);
            }

            EmitArray(il, typeof(object), parameters.Length, i =>
            {
                il.Emit(OpCodes.Ldarg, i + 1);
                var parameter = Local(parameters[i].ParameterType);
                if (parameter.IsValueType || parameter.IsGenericParameter)
                    il.Emit(OpCodes.Box, parameter);
            });
            il.Emit(OpCodes.Call, CallMethod(method.ReturnType, returns));
            il.Emit(OpCodes.Ret);
            type.DefineMethodOverride(builder, method);
        }

        private static MethodInfo CallMethod(Type definition, Type returns)
        {
            string name;
            if (definition == typeof(void))
                name = nameof(GrainReference.CallVoid);
            else if (definition == typeof(Task))
                name = nameof(GrainReference.CallPlainTask);
            else if (definition == typeof(ValueTask))
                name = nameof(GrainReference.CallPlainValueTask);
            else if (definition.GetGenericTypeDefinition() == typeof(Task<>))
                name = nameof(GrainReference.CallTask);
            else if (definition.GetGenericTypeDefinition() == typeof(ValueTask<>))
                name = nameof(GrainReference.CallValueTask);
            else
                name = nameof(GrainReference.CallEnumerable);
            var method = typeof(GrainReference).GetMethod(name, BindingFlags.Instance | BindingFlags.NonPublic)!;
            return method.IsGenericMethodDefinition ? method.MakeGenericMethod(returns.GetGenericArguments()[0]) : method;
        }

        private static void EmitArray(ILGenerator il, Type element, int length, Action<int> item)
        {
            il.Emit(OpCodes.Ldc_I4, length);
            il.Emit(OpCodes.Newarr, element);
            for (var i = 0; i < length; i++)
            {
                il.Emit(OpCodes.Dup);
                il.Emit(OpCodes.Ldc_I4, i);
                item(i);
                il.Emit(OpCodes.Stelem_Ref);
            }
        }

        private static Type Substitute(Type type, GenericTypeParameterBuilder[] generic)
        {
            if (type.IsGenericMethodParameter)
                return generic[type.GenericParameterPosition];
            if (type.IsArray)
                return Substitute(type.GetElementType()!, generic).MakeArrayType();
            return type.IsGenericType
                ? type.GetGenericTypeDefinition().MakeGenericType([.. type.GetGenericArguments().Select(a => Substitute(a, generic))])
                : type;
        }

        private static void SeeInternalsOfTypesIn(MethodInfo method)
        {
            foreach (var type in method.GetParameters().Select(p => p.ParameterType).Append(method.ReturnType))
                SeeInternalsOfType(type);
        }

        private static void SeeInternalsOfType(Type type)
        {
            SeeInternalsOf(type.Assembly);
            if (type.HasElementType)
                SeeInternalsOfType(type.GetElementType()!);
            foreach (var argument in type.GetGenericArguments())
                SeeInternalsOfType(argument);
        }

        private static void SeeInternalsOf(Assembly other)
        {
            if (other.GetName().Name is { } name && Visible.Add(name))
                Assembly.SetCustomAttribute(new CustomAttributeBuilder(AccessChecks, [name]));
        }
    }
}
