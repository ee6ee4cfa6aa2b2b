package import AWSAPI
import JSON
package import Logging
package import Storage

/// The services of AWS that this server holds itself: where rules deliver to when no endpoint is configured.
package final class TargetsService: Sendable {
    /// This room's tables; the store is opened with them.
    package static let migrations = TargetsSchema.migrations

    /// Services, by their names in signatures, whose requests are larger than others: objects, batches of items.
    package static let largeBodies = ["s3", "dynamodb"]
    /// What AWS takes for a BatchWriteItem; more than what SDKs upload before they cut a file into parts, and their framing.
    package static let maxLargeBodyBytes = (16 << 20) + (1 << 17)

    let store: any Store
    let account: AccountContext
    let limits: TargetLimits
    let logger: Logger
    /// Below the data folder: what is kept as files.
    let folder: String
    /// Milliseconds since 1970.
    let clock: @Sendable () -> Int64
    let s3: S3Service
    let queueSignals = ArrivalSignals()
    let deliverySignals = ArrivalSignals()

    package init(
        store: any Store, account: AccountContext, folder: String, limits: TargetLimits = TargetLimits(), logger: Logger,
        clock: @escaping @Sendable () -> Int64
    ) {
        self.store = store
        self.account = account
        self.folder = folder
        self.limits = limits
        self.logger = logger
        self.clock = clock
        self.s3 = S3Service(store: store, account: account, folder: folder, limits: limits, logger: logger, clock: clock)
    }

    /// Does what a crash left undone, before anything is delivered, and from now on what has its time.
    package func start() async throws {
        try await self.s3.start()
        let delivery = FirehoseDelivery(firehose: self.firehose, s3: self.s3, logger: self.logger)
        // It ends with `stopWaiting`.
        Task { await delivery.run() }
    }

    /// A log of records for a service.
    func log(of service: String) -> LogTarget { LogTarget(service: service, store: self.store, limits: self.limits) }

    var dynamoDB: DynamoDBService {
        DynamoDBService(store: self.store, account: self.account, limits: self.limits, clock: self.clock)
    }

    var sqs: SQSTarget {
        SQSTarget(store: self.store, account: self.account, limits: self.limits, signals: self.queueSignals, clock: self.clock)
    }

    var sns: SNSTarget { SNSTarget(log: self.log(of: "sns"), sqs: self.sqs) }

    var kinesis: KinesisTarget { KinesisTarget(log: self.log(of: "kinesis"), account: self.account, clock: self.clock) }

    var firehose: FirehoseTarget {
        FirehoseTarget(log: self.log(of: "firehose"), account: self.account, signals: self.deliverySignals, clock: self.clock)
    }

    /// Lets those go who wait for messages, and begins no further delivery: the server stops.
    package func stopWaiting() {
        self.queueSignals.stop()
        self.deliverySignals.stop()
    }

    /// All services that show their contents, by name.
    package var targets: [any EmbeddedTarget] {
        [
            self.dynamoDB, SearchService(self), self.firehose, IoTEventsService(self).target, self.kinesis, LogsService(self).target,
            CloudWatchService(self), self.s3, self.sns, self.sqs, StatesService(self).target, TimestreamService(self).target,
        ]
    }

    /// The operations of all embedded services, and those that show their contents.
    package var operations: [any AWSOperation] {
        [ListTargets(targets: self), ListTargetRecords(targets: self), GetTargetRecord(targets: self)]
            + self.dynamoDB.operations + self.firehose.operations(s3: self.s3) + self.kinesis.operations + self.s3.operations
            + self.sns.operations
            + self.sqs.operations
            + CloudWatchService(self).operations + LogsService(self).operations + SearchService(self).operations
            + StatesService(self).operations + TimestreamService(self).operations + IoTEventsService(self).operations
    }

    func target(_ service: String) throws -> any EmbeddedTarget {
        guard let target = self.targets.first(where: { $0.service == service }) else {
            let known = self.targets.map(\.service).joined(separator: ", ")
            throw AWSError.resourceNotFound("This server holds no service \(service). It holds: \(known).")
        }
        return target
    }
}
