using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Testing;

/// <summary>Keeps every line that is logged, exceptions included.</summary>
public sealed class LogLines : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> _lines = [];

    public string Text => string.Join('\n', _lines.Select(line => line.Text));

    public IReadOnlyList<LogLevel> Levels => [.. _lines.Select(line => line.Level)];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((logLevel, $"{formatter(state, exception)} {exception}"));

    public void Dispose()
    {
    }
}
