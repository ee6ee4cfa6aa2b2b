import AWSAPI
import JSON
import Testing

@testable import Rules

@Suite("What SQS, SNS, Kinesis and Firehose answer to several entries")
struct StreamAnswerTests {
    @Test("each entry of SQS has its own outcome, and the sender's faults are not tried again")
    func sqs() throws {
        let answer = try JSONValue(
            parsing: """
                {"Successful": [{"Id": "2"}], "Failed": [{"Id": "0", "SenderFault": true, "Code": "InvalidMessageContents", "Message": "x"}, \
                {"Id": "1", "SenderFault": false, "Code": "InternalError"}, {"Id": "77"}, {}]}
                """)
        let outcomes = SQSAction.outcomes(of: 4, answer)
        #expect(outcomes[0] == .failed("SQS did not take the message (InvalidMessageContents: x).", mayRetry: false))
        #expect(outcomes[1] == .failed("SQS did not take the message (InternalError: ).", mayRetry: true))
        #expect(outcomes[2] == .done)
        #expect(outcomes[3] == .failed("SQS did not say whether it took the message.", mayRetry: true))
    }

    @Test("each entry of SNS has its own outcome")
    func sns() {
        let answer = """
            <PublishBatchResponse><PublishBatchResult><Successful><member><Id>1</Id><MessageId>m</MessageId></member></Successful><Failed>\
            <member><Id>0</Id><Code>InvalidParameter</Code><Message>a &lt; b &amp;lt;</Message><SenderFault>true</SenderFault></member>\
            <member><Id>2</Id><Code>InternalError</Code><SenderFault>false</SenderFault></member></Failed></PublishBatchResult>
            """
        let outcomes = SNSAction.outcomes(of: 3, answer)
        #expect(outcomes[0] == .failed("SNS did not take the message (InvalidParameter: a < b &lt;).", mayRetry: false))
        #expect(outcomes[1] == .done)
        #expect(outcomes[2] == .failed("SNS did not take the message (InternalError: ).", mayRetry: true))
        #expect(SNSAction.outcomes(of: 1, "<Successful>") == [.failed("SNS did not say whether it took the message.", mayRetry: true)])
    }

    @Test("each record has its own outcome; an answer about another number of records says nothing")
    func records() throws {
        let answers = try JSONValue(
            parsing: #"[{"RecordId": "r"}, {"ErrorCode": "ServiceUnavailableException", "ErrorMessage": "slow down"}]"#)
        let outcomes = RecordAnswers.outcomes(of: 2, answers, service: "Firehose")
        #expect(
            outcomes == [.done, .failed("Firehose did not take the record (ServiceUnavailableException: slow down).", mayRetry: true)])
        #expect(RecordAnswers.outcomes(of: 1, answers, service: "Firehose").count == 1)
        #expect(RecordAnswers.outcomes(of: 1, answers, service: "Firehose") != [.done])
    }

    @Test("calls have neither too many entries nor too many bytes, and keep the order")
    func parts() {
        let parts = ActionBatch.parts([3, 4, 9, 1, 1, 1, 1], maxCount: 3, maxBytes: 8, size: { $0 })
        #expect(parts == [[3, 4], [9], [1, 1, 1], [1]])
        #expect(ActionBatch.parts([Int](), maxCount: 3, maxBytes: 8, size: { $0 }).isEmpty)
    }

    @Test(
        "the region of a queue is in AWS's own URLs",
        arguments: [
            ("https://sqs.eu-west-1.amazonaws.com/123456789012/a", "eu-west-1"),
            ("https://sqs.cn-north-1.amazonaws.com.cn/123456789012/a", "cn-north-1"), ("http://localhost:4566/000000000000/a", nil),
        ])
    func queueRegion(_ url: String, _ region: String?) {
        #expect(SQSAction.region(of: url) == region)
    }

    @Test(
        "what is no topic is refused, and so are FIFO topics",
        arguments: [
            "", "topic", "arn:aws:sqs:eu-west-1:1:q", "arn:aws:sns::1:t", "arn:aws:sns:eu-west-1:1:", "arn:aws:sns:eu-west-1:1:t.fifo",
        ])
    func noTopic(_ arn: String) {
        #expect(throws: ActionProblem.self) { try SNSAction.region(of: arn) }
    }
}
