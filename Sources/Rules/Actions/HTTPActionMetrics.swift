import CoreMetrics

/// What AWS shows of http actions as CloudWatch metrics of `AWS/IoT` (AWS IoT Developer Guide, rules).
struct HTTPActionMetrics: Sendable {
    let rule: String

    /// HttpInvalidUrl.
    var invalidURL: Counter { self.counter("roost_rules_http_invalid_url_total") }

    func count(_ answer: HTTPAnswer) {
        switch answer {
        // HttpCode_4XX, HttpCode_5XX, HttpCode_Other
        case .answered(let status, _):
            guard !(200..<300).contains(status) else { return }
            let code = (400..<500).contains(status) ? "4XX" : (500..<600).contains(status) ? "5XX" : "Other"
            Counter(label: "roost_rules_http_code_total", dimensions: [("rule", self.rule), ("code", code)]).increment()
        case .failed(let failure):
            switch failure.kind {
            case .timedOut: self.counter("roost_rules_http_request_timeout_total").increment()
            case .unknownHost: self.counter("roost_rules_http_unknown_host_total").increment()
            case .invalidURL: self.invalidURL.increment()
            case .connection: break
            }
        }
    }

    private func counter(_ label: String) -> Counter { Counter(label: label, dimensions: [("rule", self.rule)]) }
}
