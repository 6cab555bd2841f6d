using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace Orleans.Serialization;

/// <summary>
/// Emits the copy of one object: make an instance, copy member by member. IL, because expression trees cannot set read-only
/// fields.
/// </summary>
internal static class ObjectCopierEmitter
{
    private static readonly MethodInfo Uninitialized = typeof(RuntimeHelpers).GetMethod(nameof(RuntimeHelpers.GetUninitializedObject))!;
    private static readonly MethodInfo TypeFromHandle = typeof(Type).GetMethod(nameof(Type.GetTypeFromHandle))!;
    private static readonly MethodInfo Record = typeof(CopyContext).GetMethod(nameof(CopyContext.Record))!;

    public static Delegate Emit(Type type, IReadOnlyList<MemberInfo> members)
    {
        var method = new DynamicMethod($"Copy_{type.Name}", type, [type, typeof(CopyContext)], typeof(ObjectCopierEmitter).Module, skipVisibility: true);
        var il = method.GetILGenerator();
        var result = il.DeclareLocal(type);
        if (type.IsValueType)
        {
            il.Emit(OpCodes.Ldloca, result);
            il.Emit(OpCodes.Initobj, type);
        }
        else
        {
            // A type with a constructor without parameters is made by it, as the public engine does; any other one without.
            var constructor = type.GetConstructor(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, Type.EmptyTypes);
            if (constructor is not null)
            {
                il.Emit(OpCodes.Newobj, constructor);
            }
            else
            {
                il.Emit(OpCodes.Ldtoken, type);
                il.Emit(OpCodes.Call, TypeFromHandle);
                il.Emit(OpCodes.Call, Uninitialized);
                il.Emit(OpCodes.Castclass, type);
            }

            il.Emit(OpCodes.Stloc, result);
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldloc, result);
            il.Emit(OpCodes.Call, Record);
        }

        foreach (var member in members)
            EmitMember(il, type, result, member);
        il.Emit(OpCodes.Ldloc, result);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate(typeof(Func<,,>).MakeGenericType(type, typeof(CopyContext), type));
    }

    private static void EmitMember(ILGenerator il, Type type, LocalBuilder result, MemberInfo member)
    {
        il.Emit(type.IsValueType ? OpCodes.Ldloca : OpCodes.Ldloc, result);
        if (type.IsValueType)
            il.Emit(OpCodes.Ldarga_S, (byte)0);
        else
            il.Emit(OpCodes.Ldarg_0);
        var property = member as PropertyInfo;
        var field = member as FieldInfo;
        if (field is not null)
            il.Emit(OpCodes.Ldfld, field);
        else
            il.Emit(OpCodes.Call, property!.GetMethod!);
        var memberType = field?.FieldType ?? property!.PropertyType;
        if (!member.IsDefined(typeof(ImmutableAttribute)) && !CopyRules.IsIdentity(memberType))
        {
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(OpCodes.Call, typeof(Copier<>).MakeGenericType(memberType).GetMethod(nameof(Copier<object>.Copy))!);
        }

        if (field is not null)
            il.Emit(OpCodes.Stfld, field);
        else
            il.Emit(OpCodes.Call, property!.SetMethod!);
    }
}
