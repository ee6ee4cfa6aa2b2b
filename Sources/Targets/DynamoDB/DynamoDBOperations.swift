import AWSAPI

extension DynamoDBService {
    var operations: [any AWSOperation] {
        [
            DynamoDBCreateTable(dynamoDB: self), DynamoDBDescribeTable(dynamoDB: self), DynamoDBListTables(dynamoDB: self),
            DynamoDBDeleteTable(dynamoDB: self), DynamoDBPutItem(dynamoDB: self), DynamoDBGetItem(dynamoDB: self),
            DynamoDBUpdateItem(dynamoDB: self), DynamoDBDeleteItem(dynamoDB: self), DynamoDBBatchWriteItem(dynamoDB: self),
            DynamoDBBatchGetItem(dynamoDB: self), DynamoDBQuery(dynamoDB: self), DynamoDBScan(dynamoDB: self),
        ]
    }
}
