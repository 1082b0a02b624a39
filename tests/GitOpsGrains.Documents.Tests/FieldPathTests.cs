using GitOpsGrains.Documents.Fields;

namespace GitOpsGrains.Documents.Tests;

public sealed class FieldPathTests
{
    [Theory]
    [InlineData(".spec.replicas")]
    [InlineData(".a.\"b-c\"")]
    [InlineData(".a[\"b/c\"]")]
    [InlineData(".a.[\"b\"]")]
    [InlineData(".spec.template.spec.containers[].image")]
    [InlineData(".spec.template.spec.containers[0].image")]
    [InlineData(".spec.items[-1]")]
    [InlineData(".webhooks[]?.clientConfig.caBundle")]
    [InlineData(".spec.template.spec.containers[] | select(.name == \"x\") | .image")]
    [InlineData(".spec.template.spec.containers[]|select(.name==\"x\" and .image!=\"y\").image")]
    [InlineData(".spec.a[] | select(.n == 1 or .n == 2.5 or .n == true or .n == null)")]
    [InlineData(".spec.a[] | select(.name | test(\"^istio-.*\"))")]
    [InlineData(".spec.a[] | select((.name | startswith(\"x\")) and (.image | endswith(\"y\")))")]
    [InlineData(".spec.a[] | select(.name | contains(\"x\") | not)")]
    [InlineData(".spec.a[] | select(has(\"name\"))")]
    [InlineData(".spec.a[] | select(.labels | has(\"name\") | not)")]
    [InlineData("(.spec | .replicas)")]
    [InlineData("  .spec.replicas  ")]
    [InlineData(".spec . replicas", "at character 7: '.' is not expected here")]
    [InlineData("", "at character 1: the expression ends too early")]
    [InlineData(".", "at character 1: names the whole object")]
    [InlineData("select(.kind == \"X\")", "at character 1: names the whole object")]
    [InlineData("..", "at character 1: '..' is not supported: name the way to the field")]
    [InlineData(".. | select(.image)", "at character 1: '..' is not supported: name the way to the field")]
    [InlineData(".a..b", "at character 3: '..' is not supported: name the way to the field")]
    [InlineData(".a-b", "at character 3: a key with '-' is written in quotes: .\"a-b\"")]
    [InlineData(".a, .b", "at character 3: write one expression for each path")]
    [InlineData(".a = 1", "at character 4: a path names places, it computes nothing")]
    [InlineData(".a[1:2]", "at character 5: ranges of items are not supported")]
    [InlineData(".a[", "at character 4: expected a number")]
    [InlineData(".a[\"b\"", "at character 7: ']' is missing")]
    [InlineData(".a.\"b", "at character 4: the quote is not closed")]
    [InlineData(".a.\"\\(.b)\"", "at character 5: texts with values in them are not supported")]
    [InlineData(".a[] | map(.b)", "at character 11: 'map' names no place in an object")]
    [InlineData(".a[] | select(.b > 1)", "at character 18: expected ')', not '>'")]
    [InlineData(".a[] | select(.b == )", "at character 21: expected a text, a number, true, false or null")]
    [InlineData(".a[] | select(any(.b))", "at character 18: the function 'any' is not supported")]
    [InlineData(".a[] | select(.b | test(\"(?=x)\"))", "at character 24: not a regular expression that runs in linear time (no look-around, no back references)")]
    [InlineData(".a[] | select(.b | test(\"(\"))", "at character 24: not a regular expression that runs in linear time (no look-around, no back references)")]
    [InlineData(".a[] | select(.b == \"x\" | test(\"y\"))", "at character 27: only 'not' can follow here; put parentheses around (.name | test(\"…\"))")]
    public void Jq_PathsAreRead_AndAnythingElseIsAFault(string text, string? fault = null) => Check(FieldPath.OfJq(text, out var found), found, fault);

    [Theory]
    [InlineData("spec.replicas")]
    [InlineData("a.\"b-c\"")]
    [InlineData("spec.items[0].x")]
    [InlineData("spec.items[-1]")]
    [InlineData("spec.items[*].x")]
    [InlineData("spec.items[].x")]
    [InlineData("spec.*.x")]
    [InlineData("spec.template.spec.containers[?name=='x'].image")]
    [InlineData("spec.a[?name != `\"x\"` && !(size == `3` || paused)].b")]
    [InlineData("spec.a[?'x' == name]")]
    [InlineData("spec.a[?starts_with(name, 'x') || ends_with(name, 'y') || contains(name, 'z')]")]
    [InlineData("spec.args[?@ == '-v']")]
    [InlineData("", "at character 1: the expression ends too early")]
    [InlineData("@", "at character 1: names the whole object")]
    [InlineData("a.b | [0]", "at character 5: a pipe is not supported: a path names places in the object")]
    [InlineData("length(a)", "at character 7: functions compute values: a path names places in the object")]
    [InlineData("a.[b, c]", "at character 3: lists and mappings of expressions are not supported")]
    [InlineData("a.{b: c}", "at character 3: lists and mappings of expressions are not supported")]
    [InlineData("a-b", "at character 2: a key with '-' is written in quotes: \"a-b\"")]
    [InlineData("a[0:1]", "at character 4: ranges of items are not supported")]
    [InlineData("a[?b > `1`]", "at character 6: only == and != compare")]
    [InlineData("a[?b == c]", "at character 9: expected a literal: 'text' or `json`")]
    [InlineData("a[?b == `{}`]", "at character 9: expected a text, a number, true, false or null")]
    [InlineData("a[?b == `nope`]", "at character 9: not a JSON value")]
    [InlineData("a[?b == 'x", "at character 9: the ' is not closed")]
    [InlineData("a[?contains(b, `1`)]", "at character 15: expected a text")]
    [InlineData("a[?max_by(b, 'c')]", "at character 10: the function is not supported: only starts_with, ends_with and contains are")]
    public void Jmes_PathsAreRead_AndAnythingElseIsAFault(string text, string? fault = null) => Check(FieldPath.OfJmes(text, out var found), found, fault);

    [Theory]
    [InlineData("/spec/replicas")]
    [InlineData("/metadata/annotations/a~1b~0c")]
    [InlineData("/")]
    [InlineData("", "at character 1: names the whole object")]
    [InlineData("spec", "at character 1: a JSON pointer begins with '/'")]
    [InlineData("/a/b~c", "at character 5: '~' is written ~0, and '/' in a key ~1")]
    [InlineData("/a~", "at character 3: '~' is written ~0, and '/' in a key ~1")]
    public void Pointer_IsRead_AndAnythingElseIsAFault(string text, string? fault = null) => Check(FieldPath.OfPointer(text, out var found), found, fault);

    [Fact]
    public void HostileTexts_AreFaults()
    {
        Assert.Null(FieldPath.OfJq("." + new string('a', FieldPath.MaxText), out var tooLong));
        Assert.Equal("at character 1025: longer than 1024 characters", tooLong);
        Assert.Null(FieldPath.OfJq(string.Concat(Enumerable.Repeat(".a", 65)), out var tooMany));
        Assert.Equal("at character 131: more than 64 steps", tooMany);
        Assert.Null(FieldPath.OfJq(new string('(', 900), out var tooDeep));
        Assert.Equal("at character 18: more than 16 parentheses within each other", tooDeep);
        Assert.Null(FieldPath.OfJq(".a | select(" + new string('(', 900), out var tests));
        Assert.EndsWith("more than 16 parentheses within each other", tests, StringComparison.Ordinal);
        Assert.Null(FieldPath.OfJmes("a[?" + new string('!', 900), out var nots));
        Assert.EndsWith("more than 16 parentheses within each other", nots, StringComparison.Ordinal);
        Assert.Null(FieldPath.OfJq($".a | select(.b | test(\"{new string('x', 257)}\"))", out var expression));
        Assert.Equal("at character 22: a regular expression is at most 256 characters long", expression);
    }

    private static void Check(FieldPath? path, string found, string? fault)
    {
        if (fault is null) Assert.Equal(("", true), (found, path is not null));
        else Assert.StartsWith(fault, found, StringComparison.Ordinal);
    }
}
