import AWSAPI
import Broker
import Logging

/// What actions use to reach their targets.
struct ActionServices: Sendable {
    let broker: Broker
    let account: AccountContext
    let limits: RulesLimits
    let logger: Logger
}
