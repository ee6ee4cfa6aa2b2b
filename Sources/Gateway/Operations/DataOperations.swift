package import AWSAPI
package import Broker

/// The operations of `iot-data` that are about messages and connections.
package enum DataOperations {
    package static func all(broker: Broker, access: DeviceAccess) -> [any AWSOperation] {
        let recent = RecentDisconnects()
        broker.subscribe(RecentDisconnects.filter, service: recent)
        return [
            PublishOperation(broker: broker, access: access),
            GetRetainedMessageOperation(broker: broker, access: access),
            ListRetainedMessagesOperation(broker: broker, access: access),
            DeleteConnectionOperation(broker: broker, access: access),
            GetConnectionOperation(broker: broker, access: access, recent: recent),
            ListSubscriptionsOperation(broker: broker, access: access),
        ]
    }
}
