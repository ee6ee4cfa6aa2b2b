import AWSAPI
import Gateway
import Storage

/// Turns what a start can fail with into a message and an exit code.
enum StartFailure {
    static func describing(_ error: any Error) -> any Error {
        switch error {
        case let failure as CommandFailure: failure
        case let error as ListenerError: CommandFailure(.unavailable, self.sentence(error.description))
        case let error as APIServerError: CommandFailure(.unavailable, self.sentence(error.description))
        case let error as StoreError: CommandFailure(self.status(of: error), self.sentence(error.description))
        default: CommandFailure(.software, self.sentence("the server could not start or ended by itself: \(error)"))
        }
    }

    private static func status(of error: StoreError) -> ExitStatus {
        switch error {
        case .inUse: .inUse
        case .invalidStatement: .software
        default: .cannotCreate
        }
    }

    private static func sentence(_ text: String) -> String {
        let first = text.prefix(1).uppercased() + text.dropFirst()
        return first.hasSuffix(".") ? first : first + "."
    }
}
