import AWSAPI

extension S3Service {
    var operations: [any AWSOperation] {
        [
            S3CreateBucket(s3: self), S3DeleteBucket(s3: self), S3HeadBucket(s3: self), S3GetBucketLocation(s3: self),
            S3ListBuckets(s3: self), S3PutObject(s3: self), S3CopyObject(s3: self), S3GetObject(s3: self), S3HeadObject(s3: self),
            S3DeleteObject(s3: self), S3DeleteObjects(s3: self), S3ListObjects(s3: self), S3ListObjectsV2(s3: self),
        ]
    }
}
