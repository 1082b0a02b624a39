using Orleans.CodeGeneration;

namespace GitOpsGrains.Abstractions.Silos;

/// <summary>Calls of a client go to its silos in turn, instead of over the one connection that the grain's key chose once.</summary>
[AttributeUsage(AttributeTargets.Method)]
[InvokableCustomInitializer("AddInvokeMethodOptions", InvokeMethodOptions.Unordered)]
public sealed class InTurnAttribute : Attribute;
