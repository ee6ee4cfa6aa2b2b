import Broker
import JSON
import Testing

@testable import DeviceLogs

@Suite struct LogQueueTests {
    private func activity(_ topic: String = "t", at time: Int64 = 0) -> Activity {
        Activity(.publishIn, .info, Activity.Client(clientID: "c"), transport: "MQTT", at: time, fields: ["topicName": .string(topic)])
    }

    @Test func theFirstStartsTheWriting() {
        var queue = LogQueue()
        #expect(queue.add(self.activity()) == .start)
        #expect(queue.add(self.activity()) == .wait)
        #expect(queue.take()?.entries.count == 2)
        #expect(queue.add(self.activity()) == .wait)
        #expect(queue.take()?.entries.count == 1)
        #expect(queue.take() == nil)
        #expect(queue.isIdle)
        #expect(queue.add(self.activity()) == .start)
    }

    @Test func whatDoesNotFitIsDroppedAndCounted() {
        var queue = LogQueue()
        for _ in 0..<(DeviceLogLimits.waitingEntries + 5) { _ = queue.add(self.activity()) }
        let taken = queue.take()
        #expect(taken?.entries.count == DeviceLogLimits.waitingEntries)
        #expect(taken?.dropped == 5)
        let large = String(repeating: "x", count: 1 << 20)
        for _ in 0..<20 { _ = queue.add(self.activity(large)) }
        #expect((queue.take()?.dropped ?? 0) > 0)
    }

    @Test func batchesKeepTheLimitsAndTheOrderOfTime() {
        let lines = (0..<2_500).map { LogWriter.Line(milliseconds: Int64(2_500 - $0), text: "x") }
        let batches = LogWriter.batches(lines)
        #expect(batches.map(\.count) == [1_000, 1_000, 500])
        #expect(batches.flatMap { $0 }.map(\.milliseconds) == Array(1...2_500))
        let large = LogWriter.Line(milliseconds: 0, text: String(repeating: "x", count: 300 << 10))
        #expect(LogWriter.batches([large, large, large]).map(\.count) == [1, 1, 1])
        #expect(LogWriter.batches([]).isEmpty)
    }

    @Test func aLineIsWhatAWSWrites() throws {
        var activity = self.activity("a/b", at: 1_502_379_443_476)
        activity.client.principal = "p"
        activity.client.address = "205.251.233.181"
        activity.client.port = 13_490
        let entry = try JSONValue(parsing: Array(LogEntry.text(of: activity, account: "123456789012", traceID: "t").utf8))
        #expect(
            entry == [
                "timestamp": "2017-08-10 15:37:23.476", "logLevel": "INFO", "traceId": "t", "accountId": "123456789012",
                "status": "Success", "eventType": "Publish-In", "protocol": "MQTT", "clientId": "c", "principalId": "p",
                "sourceIp": "205.251.233.181", "sourcePort": 13_490, "topicName": "a/b",
            ])
        activity.fields["topicName"] = .string(String(repeating: "é", count: 10_000))
        let long = LogEntry.text(of: activity, account: "1", traceID: "t")
        #expect(long.unicodeScalars.count < DeviceLogLimits.textCharacters + 400)
    }
}
