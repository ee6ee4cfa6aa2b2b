import AWSAPI
import JSON
import Logging
import NIOCore
import Storage

/// Writes what delivery streams gather into their buckets. What was written is noted after it: a crash in between writes it twice, as
/// Firehose may.
struct FirehoseDelivery: Sendable {
    /// Records that may gather, whatever their size: far fewer than the log keeps.
    private static let maxGathered = 10_000
    private static let pageSize = 500
    /// Many records come together: between two looks, and after something went wrong.
    private static let pause = Duration.seconds(1)
    private static let retryPause = Duration.seconds(10)
    private static let longestWait = Duration.seconds(3_600)

    /// The name that all delivery streams' signals have.
    static let signalName = "firehose"

    let firehose: FirehoseTarget
    let s3: S3Service
    let logger: Logger

    /// Returns when the signals are stopped.
    func run() async {
        while !self.firehose.signals.isStopped {
            let mark = self.firehose.signals.mark(Self.signalName)
            let wait: Duration
            do {
                wait = try await self.deliverAll()
            } catch StoreError.closed {
                return
            } catch {
                self.logger.error("Delivery streams cannot be read", metadata: ["error": "\(error)"])
                wait = Self.retryPause
            }
            try? await Task.sleep(for: Self.pause)
            await self.firehose.signals.wait(for: Self.signalName, after: mark, atMost: wait)
        }
    }

    /// Writes all that is due.
    ///
    /// - Returns: when something is due next.
    func deliverAll() async throws -> Duration {
        var wait = Self.longestWait
        for entry in try await self.firehose.store.read({ try self.firehose.log.log($0).entries() }) {
            guard let destination = try FirehoseTarget.destination(of: entry) else { continue }
            do {
                wait = min(wait, try await self.deliver(entry.name, to: destination))
            } catch let error as StoreError {
                throw error
            } catch {
                self.logger.warning(
                    "A delivery stream's records wait: its bucket does not take them",
                    metadata: ["stream": "\(entry.name)", "bucket": "\(destination.bucket)", "error": "\(error)"])
                wait = min(wait, Self.retryPause)
            }
        }
        return wait
    }

    private func deliver(_ stream: String, to destination: FirehoseDestination) async throws -> Duration {
        while true {
            let gathered = try await self.firehose.store.read { try self.firehose.log.log($0).gathered(in: stream) }
            guard let gathered else { return Self.longestWait }
            let left = Int64(destination.intervalSeconds) * 1_000 - (self.firehose.clock() - gathered.oldest)
            guard left <= 0 || gathered.bytes >= destination.sizeMB << 20 || gathered.records >= Self.maxGathered else {
                return .milliseconds(left)
            }
            try await self.write(stream, to: destination, time: gathered.oldest)
        }
    }

    /// Writes one object.
    private func write(_ stream: String, to destination: FirehoseDestination, time: Int64) async throws {
        let (content, last) = try await self.firehose.store.read { connection in
            let log = self.firehose.log.log(connection)
            var content = ByteBuffer()
            var (last, count) = (FirehoseTarget.delivered(try log.entry(stream)), 0)
            while content.readableBytes < destination.sizeMB << 20, count < Self.maxGathered {
                let page = try log.page(of: stream, after: last, limit: Self.pageSize)
                for record in page {
                    content.writeBytes(record.body)
                    last = record.position
                }
                count += page.count
                if page.count < Self.pageSize { break }
            }
            return (content, last)
        }
        let upload = S3Service.Upload(content: content, headers: ["content-type": "application/octet-stream"])
        _ = try await self.s3.put(upload, key: destination.key(of: stream, at: time), in: destination.bucket, makesBucket: false)
        try await self.firehose.store.write { connection in
            let log = self.firehose.log.log(connection)
            // It may have been deleted meanwhile.
            guard var attributes = try log.entry(stream)?.attributes else { return }
            attributes["delivered"] = .int(last)
            try log.setAttributes(attributes, of: stream)
        }
    }
}

extension RecordLog {
    /// What was not written into the bucket yet; nil when there is nothing.
    fileprivate func gathered(in stream: String) throws -> (records: Int, bytes: Int, oldest: Int64)? {
        let row = try self.connection.queryOne(
            "SELECT COUNT(*), COALESCE(SUM(LENGTH(body)), 0), COALESCE(MIN(at), 0) FROM target_record "
                + "WHERE service = ? AND name = ? AND position > ?",
            [.text(self.service), .text(stream), .integer(FirehoseTarget.delivered(try self.entry(stream)))])
        guard let row, try row.integer(0) > 0 else { return nil }
        return (Int(try row.integer(0)), Int(try row.integer(1)), try row.integer(2))
    }
}

extension FirehoseTarget {
    /// Nil for a delivery stream that only keeps its records.
    static func destination(of entry: RecordLog.Entry) throws -> FirehoseDestination? {
        try entry.attributes["s3"]?.objectValue.map { try FirehoseDestination($0) }
    }

    /// The position of the last record that is in the bucket.
    fileprivate static func delivered(_ entry: RecordLog.Entry?) -> Int64 { entry?.attributes["delivered"]?.intValue ?? 0 }
}
