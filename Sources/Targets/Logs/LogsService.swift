import AWSAPI
import JSON
import Storage

extension AWSService {
    /// CloudWatch Logs.
    static let logs = AWSService(
        name: "logs", signingNames: ["logs"], wire: .json(targetPrefix: "Logs_20140328"), invalidRequestName: "InvalidParameterException")
}

/// The embedded CloudWatch Logs: groups are targets of the log of records, events its records with the stream's name as their key. Past the
/// limits of a target the oldest events of a group go.
struct LogsService: Sendable {
    static let kind = "log group"
    static let groupName = InputPattern("[\\.\\-_/#A-Za-z0-9]+", ranges: ["az", "AZ", "09"], others: ".-_/#")
    static let streamName = InputPattern("[^:*]*") { !$0.contains { $0 == ":" || $0 == "*" } }

    let target: LogTarget
    let account: AccountContext
    let clock: @Sendable () -> Int64

    init(_ targets: TargetsService) {
        self.target = targets.log(of: "logs")
        self.account = targets.account
        self.clock = targets.clock
    }

    var operations: [any AWSOperation] {
        [
            CreateLogGroup(logs: self), DeleteLogGroup(logs: self), DescribeLogGroups(logs: self), CreateLogStream(logs: self),
            DescribeLogStreams(logs: self), PutLogEvents(logs: self), GetLogEvents(logs: self), FilterLogEvents(logs: self),
        ]
    }

    func streams(_ connection: any StoreConnection) -> LogStreamTable {
        LogStreamTable(connection: connection, limits: self.target.limits)
    }

    func groupARN(_ group: String) -> String { self.account.arn(service: "logs", "log-group:\(group)") }

    // MARK: Errors

    static func noGroup() -> AWSError {
        AWSError(name: "ResourceNotFoundException", status: 400, message: "The specified log group does not exist.")
    }

    static func noStream() -> AWSError {
        AWSError(name: "ResourceNotFoundException", status: 400, message: "The specified log stream does not exist.")
    }

    static func exists(_ what: String) -> AWSError {
        AWSError(name: "ResourceAlreadyExistsException", status: 400, message: "The specified \(what) already exists")
    }

    static func invalid(_ message: String) -> AWSError {
        AWSError(name: "InvalidParameterException", status: 400, message: message)
    }

    static func full(_ what: String) -> AWSError {
        AWSError(name: "LimitExceededException", status: 400, message: "There are as many \(what) as this server keeps.")
    }
}

/// A group's name in a request, or the ARN that newer clients give in its place.
enum LogGroupInput {
    static func name(_ input: OperationInput) throws(AWSError) -> String {
        if let name = try input.optionalString("logGroupName", min: 1, max: 512, pattern: LogsService.groupName) { return name }
        guard let identifier = try input.optionalString("logGroupIdentifier", max: 2048) else {
            throw LogsService.invalid("The request has neither logGroupName nor logGroupIdentifier.")
        }
        let parts = identifier.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count > 6 && parts[0] == "arn" ? String(parts[6]) : identifier
    }
}
