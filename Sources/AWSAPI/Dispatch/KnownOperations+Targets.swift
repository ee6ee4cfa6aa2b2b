/// Services with paths that rules deliver to.
extension AWSService {
    /// The data plane of IoT Events.
    package static let iotEventsData = AWSService(name: "iotevents-data", signingNames: ["ioteventsdata"])
    /// A domain of OpenSearch or Elasticsearch: its own API, not the one that makes domains.
    package static let search = AWSService(name: "es", signingNames: ["es"])
}

extension KnownOperations {
    /// `iotevents-data` 2018-10-23, as botocore 1.35 has it.
    static let iotEventsDataTable = """
        POST /alarms/acknowledge BatchAcknowledgeAlarm
        POST /detectors/delete BatchDeleteDetector
        POST /alarms/disable BatchDisableAlarm
        POST /alarms/enable BatchEnableAlarm
        POST /inputs/messages BatchPutMessage
        POST /alarms/reset BatchResetAlarm
        POST /alarms/snooze BatchSnoozeAlarm
        POST /detectors BatchUpdateDetector
        GET /alarms/{alarmModelName}/keyValues/ DescribeAlarm
        GET /detectors/{detectorModelName}/keyValues/ DescribeDetector
        GET /alarms/{alarmModelName} ListAlarms
        GET /detectors/{detectorModelName} ListDetectors
        """

    /// The most used of the REST API of Elasticsearch 7 and OpenSearch. The names are in the manner of AWS's.
    static let searchTable = """
        DELETE /{index} DeleteIndex
        GET /{index} GetIndex
        HEAD /{index} IndexExists
        PUT /{index} CreateIndex
        DELETE /{index}/{type}/{id} DeleteDocument
        GET /{index}/{type}/{id} GetDocument
        HEAD /{index}/{type}/{id} DocumentExists
        POST /{index}/{type} IndexDocument
        POST /{index}/{type}/{id} PutDocument
        PUT /{index}/{type}/{id} PutDocument
        GET /{index}/_count Count
        POST /{index}/_count Count
        GET /_search SearchAll
        POST /_search SearchAll
        GET /{index}/_search Search
        POST /{index}/_search Search
        POST /_bulk Bulk
        PUT /_bulk Bulk
        POST /{index}/_bulk Bulk
        PUT /{index}/_bulk Bulk
        GET /_mget MultiGet
        POST /_mget MultiGet
        POST /{index}/_mget MultiGet
        POST /_msearch MultiSearch
        POST /{index}/_update/{id} UpdateDocument
        POST /{index}/_update_by_query UpdateByQuery
        POST /{index}/_delete_by_query DeleteByQuery
        POST /_reindex Reindex
        GET /{index}/_source/{id} GetSource
        GET /{index}/_mapping GetMapping
        PUT /{index}/_mapping PutMapping
        GET /{index}/_settings GetSettings
        PUT /{index}/_settings PutSettings
        POST /{index}/_refresh Refresh
        GET / Info
        GET /_cat/{name} Cat
        GET /_cluster/{name} Cluster
        GET /_nodes Nodes
        PUT /_ingest/pipeline/{id} PutPipeline
        PUT /_index_template/{name} PutIndexTemplate
        POST /_aliases UpdateAliases
        """
}
