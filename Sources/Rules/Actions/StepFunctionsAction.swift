import AWSAPI
import Foundation
import JSON

/// `stepFunctions`: starts an execution of a state machine with the result as its input (Step Functions StartExecution).
struct StepFunctionsAction: RuleAction {
    static let key = "stepFunctions"
    static let failureName = "StepFunctionsAction"
    /// Of an execution's name, the UUID included. Past it the result fails.
    static let maxNameCharacters = 80

    private let machine: SubstitutionTemplate
    private let prefix: SubstitutionTemplate?
    private let services: ActionServices
    let resource: String
    let concurrency = ActionBatch.parallelCalls

    init(_ fields: ActionFields) throws(AWSError) {
        try fields.checkRole()
        self.resource = try fields.input.string("stateMachineName")
        self.machine = try fields.template("stateMachineName")
        self.prefix = try fields.optionalTemplate("executionNamePrefix")
        self.services = fields.services
    }

    func deliver(_ items: [ActionItem]) async -> [ActionOutcome] { await self.services.deliverEach(items, self.request) }

    private func request(_ item: ActionItem) async throws -> ServiceRequest {
        let prefix = try await item.text(self.prefix)
        let machine = try await item.text(self.machine)
        return try self.start(machine, name: (prefix ?? "") + UUID().uuidString.lowercased(), item)
    }

    /// Apart from what waits: the optimiser of Swift 6.3 does not get through the two in one function.
    private func start(_ machine: String, name: String, _ item: ActionItem) throws -> ServiceRequest {
        guard name.count <= Self.maxNameCharacters else {
            throw ActionProblem("The execution's name \(name.prefix(256)) is longer than \(Self.maxNameCharacters) characters.")
        }
        guard case .json = item.output.body, let input = String(validating: item.bytes, as: UTF8.self) else {
            throw ActionProblem("The result is not JSON, which the input of an execution has to be.")
        }
        let arn = self.services.account.arn(service: "states", "stateMachine:\(machine)")
        return .json(
            "states", prefix: "AWSStepFunctions", "StartExecution", version: "1.0",
            ["stateMachineArn": .string(arn), "name": .string(name), "input": .string(input)])
    }
}
