import AWSAPI
import JSON
import Storage

extension AWSService {
    /// Step Functions.
    static let states = AWSService(
        name: "stepfunctions", signingNames: ["states"], wire: .json(targetPrefix: "AWSStepFunctions", version: "1.0"),
        invalidRequestName: "ValidationException")
}

/// The embedded Step Functions: keeps what executions were started with. Nothing here runs a state machine, so each execution is shown as
/// ended at once, with a cause that says so: who waits for its end need not wait forever.
struct StatesService: Sendable {
    static let status = "ABORTED"
    static let error = "Roost.NotRun"
    static let cause = "Roost keeps executions and their input; it runs no state machine."
    static let kind = "state machine"

    let target: LogTarget
    let account: AccountContext
    let clock: @Sendable () -> Int64

    init(_ targets: TargetsService) {
        self.target = targets.log(of: "states")
        self.account = targets.account
        self.clock = targets.clock
    }

    var operations: [any AWSOperation] {
        [StartExecution(states: self), DescribeExecution(states: self), ListExecutions(states: self)]
    }

    /// The name in `arn:PARTITION:states:REGION:ACCOUNT:stateMachine:NAME`, perhaps with a version or an alias behind it.
    func machine(_ arn: String) throws(AWSError) -> String { try Self.parts(arn, "stateMachine", count: 7)[6] }

    /// The names of machine and execution.
    func execution(_ arn: String) throws(AWSError) -> (machine: String, name: String) {
        let parts = try Self.parts(arn, "execution", count: 8)
        return (parts[6], parts[7])
    }

    private static func parts(_ arn: String, _ kind: String, count: Int) throws(AWSError) -> [String] {
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= count, parts[0] == "arn", parts[2] == "states", parts[5] == kind, !parts[6].isEmpty else {
            throw AWSError(name: "InvalidArn", status: 400, message: "Invalid Arn: '\(arn)'")
        }
        return parts
    }

    func executionARN(_ machine: String, _ name: String) -> String {
        self.account.arn(service: "states", "execution:\(machine):\(name)")
    }

    func machineDoesNotExist(_ arn: String) -> AWSError {
        AWSError(name: "StateMachineDoesNotExist", status: 400, message: "State Machine Does Not Exist: '\(arn)'")
    }

    /// What all answers say of an execution.
    func described(_ record: TargetRecord, machine: String) -> JSONObject {
        [
            "executionArn": .string(self.executionARN(machine, record.key)),
            "stateMachineArn": .string(self.account.arn(service: "states", "stateMachine:\(machine)")),
            "name": .string(record.key), "status": .string(Self.status), "startDate": Self.seconds(record.time),
            "stopDate": Self.seconds(record.time),
        ]
    }

    static func seconds(_ milliseconds: Int64) -> JSONValue { JSONValue(Double(milliseconds) / 1000) }
}
