import Dispatch
import Foundation
import Synchronization

/// The pipe into which an instance writes, standard output and errors alike.
///
/// It is read whenever something is there, and once more before its lines are taken: what the function wrote before it answered is in the
/// pipe by then, so none of it is missing, and nobody has to wait for it.
///
/// Unchecked, because Dispatch's source is not marked: it is made in `init` and from then on only cancelled, under the lock.
final class OutputPipe: @unchecked Sendable {
    private struct State {
        var output: InvocationOutput
        var isOpen = true
        var isWriteEndOpen = true
    }

    /// For the process.
    let writeEnd: Int32
    private let readEnd: Int32
    private let state: Mutex<State>
    private let source: any DispatchSourceRead
    private static let queue = DispatchQueue(label: "roost.functions.output")
    private static let chunkBytes = 65_536
    /// As much as one look reads: Linux lets a pipe have a mebibyte at most.
    private static let maxChunks = 16

    /// - Throws: ``InstanceProblem`` when the system gives no pipe.
    init(maxBytes: Int) throws(InstanceProblem) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw InstanceProblem("no pipe for its output: \(String(cString: strerror(errno)))") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        self.readEnd = ends[0]
        self.writeEnd = ends[1]
        self.state = Mutex(State(output: InvocationOutput(maxBytes: maxBytes)))
        self.source = DispatchSource.makeReadSource(fileDescriptor: ends[0], queue: Self.queue)
        self.source.setEventHandler { [weak self] in self?.read() }
        let readEnd = self.readEnd
        // Only now is nobody looking at it any more.
        self.source.setCancelHandler { _ = Foundation.close(readEnd) }
        self.source.resume()
    }

    deinit { self.close() }

    /// What was written since this was last asked.
    func takeLines() -> [String] {
        self.read()
        return self.state.withLock { $0.output.takeLines() }
    }

    /// Whether a text is in what was not taken yet.
    func contains(_ text: String) -> Bool {
        self.read()
        return self.state.withLock { String(decoding: $0.output.bytes, as: UTF8.self).contains(text) }
    }

    /// The process has its own.
    func closeWriteEnd() {
        self.state.withLock { state in
            if state.isWriteEndOpen { _ = Foundation.close(self.writeEnd) }
            state.isWriteEndOpen = false
        }
    }

    /// The process has ended: reads what is left.
    func close() {
        self.closeWriteEnd()
        self.read()
        self.state.withLock { state in
            guard state.isOpen else { return }
            state.isOpen = false
            self.source.cancel()
        }
    }

    private func read() {
        self.state.withLock { state in
            guard state.isOpen else { return }
            withUnsafeTemporaryAllocation(byteCount: Self.chunkBytes, alignment: 1) { chunk in
                for _ in 0..<Self.maxChunks {
                    let count = Foundation.read(self.readEnd, chunk.baseAddress, chunk.count)
                    if count > 0 { state.output.append(chunk[..<count]) }
                    if count == 0 {
                        // Everybody who could write is gone. An end stays readable, so nobody looks again.
                        state.isOpen = false
                        self.source.cancel()
                    }
                    if count < chunk.count { return }
                }
            }
        }
    }
}

/// Why an instance cannot be made.
struct InstanceProblem: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
