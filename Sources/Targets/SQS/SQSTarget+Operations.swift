import AWSAPI

extension SQSTarget {
    var operations: [any AWSOperation] {
        [
            SQSCreateQueue(sqs: self), SQSGetQueueUrl(sqs: self), SQSListQueues(sqs: self), SQSDeleteQueue(sqs: self),
            SQSPurgeQueue(sqs: self), SQSGetQueueAttributes(sqs: self), SQSSetQueueAttributes(sqs: self), SQSTagQueue(sqs: self),
            SQSUntagQueue(sqs: self), SQSListQueueTags(sqs: self), SQSSendMessage(sqs: self), SQSSendMessageBatch(sqs: self),
            SQSReceiveMessage(sqs: self), SQSDeleteMessage(sqs: self), SQSDeleteMessageBatch(sqs: self),
            SQSChangeMessageVisibility(sqs: self), SQSChangeMessageVisibilityBatch(sqs: self),
        ]
    }
}
