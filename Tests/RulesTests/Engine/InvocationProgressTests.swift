import Testing

@testable import Rules

@Suite("Which actions of a message are done")
struct InvocationProgressTests {
    private static let failure = ActionFailure(action: "S3Action", resource: "b", message: "full")

    private static func progress(_ actions: Int, error: Bool = false, done: UInt64 = 0) -> InvocationProgress {
        InvocationProgress(actions: actions, hasErrorAction: error, done: done)
    }

    @Test("it is finished when all are done, in any order")
    func finishes() {
        var progress = Self.progress(3)
        #expect(progress.finish(2, nil) == .goesOn)
        #expect(progress.finish(0, nil) == .goesOn)
        #expect((progress.delivered, progress.actionsLeft, progress.isFinished) == (0b101, [1], false))
        #expect(progress.finish(1, nil) == .finished)
        #expect(progress.isFinished)
    }

    @Test("the error action runs once, for all that failed, and ends it")
    func errorAction() {
        var progress = Self.progress(2, error: true)
        #expect(progress.finish(0, Self.failure) == .goesOn)
        #expect(progress.finish(1, Self.failure) == .runErrorAction([Self.failure, Self.failure]))
        #expect(!progress.isFinished)
        #expect(progress.finish(nil, nil) == .finished)
        #expect(progress.isFinished)
    }

    @Test("a failed action runs again after a restart as long as the error action has not been told")
    func failedIsKept() {
        var progress = Self.progress(2, error: true)
        _ = progress.finish(0, Self.failure)
        #expect(progress.delivered == 0)
        var without = Self.progress(2)
        _ = without.finish(0, Self.failure)
        #expect(without.delivered == 1)
    }

    @Test("without an error action failures end it too")
    func noErrorAction() {
        var progress = Self.progress(1)
        #expect(progress.finish(0, Self.failure) == .finished)
    }

    @Test("what was done before a restart does not run again")
    func resumes() {
        var progress = Self.progress(3, done: 0b1010)
        #expect(progress.actionsLeft == [0, 2])
        #expect(progress.finish(0, nil) == .goesOn)
        #expect(progress.finish(2, nil) == .finished)
        #expect(Self.progress(2, done: 0b11).isFinished)
        #expect(Self.progress(0).isFinished)
    }

    @Test("what is put off waits for the others, and takes the failed ones along")
    func putOff() {
        var progress = Self.progress(3, error: true)
        #expect(progress.putOff(1) == .goesOn)
        #expect(progress.finish(0, Self.failure) == .goesOn)
        #expect(!progress.isPutOff)
        #expect(progress.finish(2, nil) == .putOff)
        #expect((progress.isPutOff, progress.isFinished, progress.delivered) == (true, false, 0b100))
    }
}
