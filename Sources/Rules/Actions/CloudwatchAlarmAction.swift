import AWSAPI

/// `cloudwatchAlarm`: sets the state of an alarm (CloudWatch SetAlarmState).
struct CloudwatchAlarmAction: RuleAction {
    static let key = "cloudwatchAlarm"
    static let failureName = "CloudwatchAlarmAction"
    static let states = ["OK", "ALARM", "INSUFFICIENT_DATA"]

    private let name: SubstitutionTemplate
    private let reason: SubstitutionTemplate
    private let state: SubstitutionTemplate
    private let services: ActionServices
    let resource: String
    /// Alarms go side by side, changes of the same one after the other: it is left in the state that came last.
    let batchLimit = 64
    let concurrency = 1

    init(_ fields: ActionFields) throws(AWSError) {
        try fields.checkRole()
        self.resource = try fields.input.string("alarmName")
        self.name = try fields.template("alarmName")
        self.reason = try fields.template("stateReason")
        self.state = try fields.template("stateValue")
        self.services = fields.services
        if self.state.isConstant { _ = try fields.input.word("stateValue", of: Self.states) }
    }

    func deliver(_ items: [ActionItem]) async -> [ActionOutcome] {
        await self.services.deliverInOrder(items) { item in
            let state = try await item.text(self.state)
            guard Self.states.contains(state) else {
                throw ActionProblem("stateValue is \"\(state.prefix(64))\", none of \(Self.states.joined(separator: ", ")).")
            }
            let name = try await item.text(self.name)
            let request = ServiceRequest.query(
                "monitoring", "SetAlarmState", version: "2010-08-01",
                [
                    QueryItem("AlarmName", name), QueryItem("StateValue", state),
                    QueryItem("StateReason", try await item.text(self.reason)),
                ])
            return (name, request)
        }
    }
}
