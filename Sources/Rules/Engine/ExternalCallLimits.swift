/// The limits of the functions of SQL that ask other services, and what happens at each.
struct ExternalCallLimits: Sendable {
    /// Calls that may be under way.
    var maxCalls = 64
    /// Calls that may wait for one of these to end. Past it a function fails.
    var maxWaiting = 1_000
    /// For aws_lambda(); past it the function fails. AWS allows two seconds; a function that starts from cold here may need more.
    var lambdaSeconds: Int64 = 10
    /// How long get_secret() uses what Secrets Manager gave it; AWS says at most 15 minutes.
    var secretLifetime = Duration.seconds(300)
    /// Secrets that are remembered. Past it all are forgotten.
    var maxSecrets = 1_000
    /// Bytes of the secrets file. A larger one is refused.
    var maxSecretsFileBytes = 1 << 20
}
