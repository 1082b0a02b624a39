using GitOpsGrains.Engine.Desired;

namespace GitOpsGrains.Engine.Tests.Desired;

public sealed class HookPolicyTests
{
    [Theory]
    [InlineData("argocd.argoproj.io/hook=PreSync", "PreSync", "BeforeHookCreation")]
    [InlineData("argocd.argoproj.io/hook=PreSync, PostSync,PreSync", "PreSync PostSync", "BeforeHookCreation")]
    [InlineData("argocd.argoproj.io/hook=Sync;argocd.argoproj.io/hook-delete-policy=HookFailed", "Sync", "HookFailed")]
    [InlineData("gitopsgrains.io/hook=SyncFail;argocd.argoproj.io/hook=PreSync", "SyncFail", "BeforeHookCreation")]
    [InlineData("gitopsgrains.io/hook=PreDelete;gitopsgrains.io/hook-delete-policy=HookSucceeded;argocd.argoproj.io/hook-delete-policy=HookFailed", "PreDelete", "HookSucceeded")]
    [InlineData("argocd.argoproj.io/hook=PostDelete;argocd.argoproj.io/hook-delete-policy=nonsense", "PostDelete", "BeforeHookCreation")]
    [InlineData("helm.sh/hook=post-delete,test", "PostDelete", "BeforeHookCreation")]
    [InlineData("helm.sh/hook=test-success", "", "BeforeHookCreation")]
    public void Of_Annotations_GivesPhasesAndDeletion(string annotations, string phases, string deletion)
    {
        var policy = HookPolicy.Of(Read(annotations))!;

        Assert.Equal((phases, deletion, 0), (string.Join(' ', policy.Phases), policy.Deletion.ToString(), policy.UnknownWords.Count));
    }

    [Theory]
    [InlineData("")]
    [InlineData("helm.sh/hook=crd-install")]
    [InlineData("argocd.argoproj.io/hook=Skip")]
    [InlineData("argocd.argoproj.io/hook-delete-policy=HookSucceeded")]
    public void Of_WhatIsNoHook_IsNull(string annotations) => Assert.Null(HookPolicy.Of(Read(annotations)));

    [Theory]
    [InlineData("argocd.argoproj.io/hook=presync", "presync")]
    [InlineData("argocd.argoproj.io/hook=1", "1")]
    [InlineData("argocd.argoproj.io/hook=PreSync,Before", "Before")]
    [InlineData("helm.sh/hook=before", "before")]
    public void Of_UnknownWord_IsTold(string annotations, string word) => Assert.Equal([word], HookPolicy.Of(Read(annotations))!.UnknownWords);

    private static Dictionary<string, string> Read(string annotations) =>
        annotations.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
}
