import CoreMetrics

/// What AWS shows as CloudWatch metrics of `AWS/IoT` (AWS IoT Developer Guide, rules).
struct RuleMetrics: Sendable {
    /// TopicMatch.
    let matched = Counter(label: "roost_rules_topic_match_total")
    /// ParseError: fields were asked of a payload that is no JSON.
    let parseErrors = Counter(label: "roost_rules_parse_errors_total")
    /// RulesExecuted.
    let executed = Counter(label: "roost_rules_executed_total")
    /// RuleNotFound: Basic Ingest for a rule that does not exist or is disabled.
    let notFound = Counter(label: "roost_rules_not_found_total")
    /// RuleMessageThrottled: dropped because too many wait.
    let throttled = Counter(label: "roost_rules_throttled_total")

    /// Success and Failure.
    func count(_ action: String, rule: String, isSuccess: Bool) {
        Counter(
            label: "roost_rules_actions_total",
            dimensions: [("action", action), ("rule", rule), ("outcome", isSuccess ? "success" : "failure")]
        ).increment()
    }
}
