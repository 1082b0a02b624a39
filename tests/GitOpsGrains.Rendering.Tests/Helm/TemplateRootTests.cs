using GitOpsGrains.Rendering.Helm;

namespace GitOpsGrains.Rendering.Tests.Helm;

/// <summary>Which templates may depend on the cluster's version and kinds. One that is missed would be shared by unlike clusters.</summary>
public sealed class TemplateRootTests
{
    [Theory]
    [InlineData("{{ .Capabilities.KubeVersion }}")]
    [InlineData("{{ $.Capabilities.KubeVersion }}")]
    [InlineData("{{- define \"a\" }}{{ .root.Capabilities.APIVersions }}{{ end }}")]
    [InlineData("{{ (index . \"Capabilities\").KubeVersion }}")]
    [InlineData("{{ toYaml . }}")]
    [InlineData("{{ . | toJson }}")]
    [InlineData("{{ with .Values.a }}{{ toYaml $ }}{{ end }}")]
    [InlineData("{{ with .Values.a }}x{{ else }}{{ toYaml . }}{{ end }}")]
    [InlineData("{{ with .Values.a }}{{ end }}{{ toYaml . }}")]
    [InlineData("{{ range $k, $v := $ }}{{ $v }}{{ end }}")]
    [InlineData("{{ range . }}{{ . }}{{ end }}")]
    [InlineData("{{ with . }}{{ toYaml . }}{{ end }}")]
    [InlineData("{{ $root := . }}{{ with .Values.a }}{{ toYaml $root }}{{ end }}")]
    [InlineData("{{ $a := . }}{{ $b := $a }}{{ get $b (printf \"%s%s\" \"Capa\" \"bilities\") }}")]
    [InlineData("{{ define \"dump\" }}{{ toYaml . }}{{ end }}")]
    [InlineData("{{ index $ \"\\x43apabilities\" }}")]
    [InlineData("{{ include \"a\" (deepCopy .) }}")]
    [InlineData("{{ toYaml (dict \"root\" $) }}")]
    [InlineData("{{ dict \"root\" $ | toYaml }}")]
    [InlineData("{{ dict \"root\" $ }}")]
    [InlineData("{{ $d := dict \"root\" $ }}{{ toYaml $d }}")]
    [InlineData("{{ include \"a\" (dict \"root\" $) }}{{ define \"a\" }}{{ toYaml .root }}{{ end }}")]
    [InlineData("{{ include \"a\" (dict \"a\" 1 `root` .) }}{{ define \"a\" }}{{ range $k, $v := .root }}{{ $v }}{{ end }}{{ end }}")]
    [InlineData("{{ define \"a\" }}{{ $c := .root }}{{ index $c (print \"Capa\" \"bilities\") }}{{ end }}{{ include \"a\" (dict \"root\" $) }}")]
    [InlineData("{{ include \"a\" (dict \"in\" (dict \"root\" $)) }}{{ define \"a\" }}{{ toYaml .in }}{{ end }}")]
    [InlineData("{{ include \"a\" (dict \"root\" $) }}{{ define \"a\" }}{{ include \"b\" (dict \"other\" .root) }}{{ end }}{{ define \"b\" }}{{ toYaml .other }}{{ end }}")]
    [InlineData("{{ include \"a\" (dict \"root\" $) }}{{ define \"a\" }}{{ $c := .Values.x }}{{ if .b }}{{ $c = .root }}{{ end }}{{ toYaml $c }}{{ end }}")]
    [InlineData("{{ include \"a\" (dict (print \"ro\" \"ot\") $) }}")]
    [InlineData("{{ include \"a\" (list $ 1) }}")]
    [InlineData("{{ $_ := set .Values \"root\" $ }}")]
    public void AsksCluster_WhatMayReadTheCapabilities(string template) => Assert.True(ChartFile.AsksCluster([("a.yaml", template)]));

    [Theory]
    [InlineData("{{ .Values.a }} {{ $.Release.Name }} 1.5 {{ 1.5 }}")]
    [InlineData("{{- include \"web.name\" . | nindent 4 }}")]
    [InlineData("{{ template \"web.name\" $ }}")]
    [InlineData("{{- with .Values.a }}{{- toYaml . | nindent 8 }}{{- end }}")]
    [InlineData("{{ range .Values.list }}{{ . | quote }}{{ end }}")]
    [InlineData("{{ range $i, $e := .Values.list }}{{ if $e }}{{ toYaml . }}{{ end }}{{ end }}")]
    [InlineData("{{ tpl (toYaml .Values.a) $ }}")]
    [InlineData("{{ include \"a\" (dict \"root\" $ \"name\" .Values.name) }}")]
    [InlineData("{{- $root := . -}}{{ $root.Values.a }}{{ include \"a\" $root }}")]
    [InlineData("{{ include \"a\" (dict \"value\" .Values.x \"context\" $) | nindent 4 }}{{ define \"a\" }}{{ tpl (toYaml .value) .context }}{{ .context.Values.b }}{{ end }}")]
    [InlineData("{{ $d := dict \"root\" $ }}{{ include \"a\" $d }}{{ $d.root.Values.b }}")]
    [InlineData("{{ define \"a\" }}{{ include \"b\" (dict \"context\" .context \"value\" .value) }}{{ toYaml .value }}{{ end }}{{ include \"a\" (dict \"context\" $ \"value\" .Values.a) }}")]
    [InlineData("{{ toYaml (dict \"a\" .Values.a \"b\" \"root\") }}")]
    [InlineData("{{ printf \"%s. $ x\" .Chart.Name | trunc 63 }}")]
    [InlineData("{{/* toYaml . */}}")]
    [InlineData("{{ (lookup \"v1\" \"Secret\" \"a\" \"b\").data }}")]
    [InlineData("no template: a . b $ c")]
    public void AsksCluster_NotWhatOnlyHandsTheRootOnOrReadsOtherThings(string template) => Assert.False(ChartFile.AsksCluster([("a.yaml", template)]));

    [Fact]
    public void AsksCluster_WhatOneFileHandsOnAndAnotherPrints()
    {
        var (first, second) = ("{{ include \"a\" (dict \"root\" $) }}", "{{ define \"a\" }}{{ toYaml .root }}{{ end }}");

        Assert.True(ChartFile.AsksCluster([("a.yaml", first), ("b.tpl", second)]));
        Assert.True(ChartFile.AsksCluster([("b.tpl", second), ("a.yaml", first)]));
        Assert.False(ChartFile.AsksCluster([("b.tpl", second)]));
        Assert.False(ChartFile.AsksCluster([("a.yaml", first)]));
    }

    [Theory]
    [InlineData("kubeVersion: \">=1.30\"")]
    [InlineData("\"kube\\u0056ersion\": \">=1.30\"")]
    public void AsksCluster_ChartWithAKubeVersion(string description) => Assert.True(ChartFile.AsksCluster([("Chart.yaml", description)]));
}
