/// Runs a program over a text: backtracking, alternatives in the order in which they are written, as Java does.
///
/// Time is bounded in two ways. Where failing depends on the place alone (no backreference, lookaround or atomic group), each
/// alternative is tried once per position, so that a search takes time linear in program × text; and in every case each step
/// is taken from a budget.
struct RegexMatcher {
    /// Why a search was given up.
    enum Exhausted: Error {
        case steps
        case waitingAlternatives
    }

    private enum Waiting {
        case alternative(address: Int, position: Int)
        /// To be put back when what came after it fails.
        case slot(Int, value: Int)
    }

    private static let unset = -1

    private let program: RegexProgram
    let text: [UInt32]
    private(set) var searchStart = 0
    private(set) var slots: [Int]
    private var waiting: [Waiting] = []
    /// A bit per split and position: it was tried there.
    private var tried: [UInt64]
    private var triedWords: [Int] = []
    private(set) var stepsLeft: Int

    init(_ program: RegexProgram, text: [UInt32], steps: Int) {
        self.program = program
        self.text = text
        self.stepsLeft = steps
        self.slots = Array(repeating: Self.unset, count: program.slotCount)
        let bits = program.splitCount.multipliedReportingOverflow(by: text.count + 1)
        let isRemembering = program.remembersFailures && !bits.overflow && bits.partialValue <= RegexLimits.maxRememberedBits
        self.tried = isRemembering ? Array(repeating: 0, count: (bits.partialValue + 63) / 64) : []
        // Clearing memory is fast, but not free: a step for two cache lines.
        self.stepsLeft -= self.tried.count / 16
    }

    /// The slots of the first match that begins at `start` or behind it: two for each group, -1 where it took no part.
    mutating func firstMatch(from start: Int) throws(Exhausted) -> [Int]? {
        self.searchStart = start
        self.forget()
        var position = start
        while position <= self.text.count {
            if let end = try self.run(from: 0, at: position) {
                self.slots[0] = position
                self.slots[1] = end
                defer { self.resetSlots() }
                return self.slots
            }
            position += 1
        }
        return nil
    }

    /// Paid for, because there may be as many as a pattern has characters.
    private mutating func copyOfSlots() -> [Int] {
        self.stepsLeft -= self.slots.count
        return self.slots
    }

    private mutating func resetSlots() {
        self.stepsLeft -= self.slots.count
        for index in self.slots.indices { self.slots[index] = Self.unset }
    }

    /// What was tried on the way to a match has not failed.
    private mutating func forget() {
        for word in self.triedWords { self.tried[word] = 0 }
        self.triedWords.removeAll(keepingCapacity: true)
    }

    /// The position at `accept`; nil, and all slots as before, when no way leads there.
    private mutating func run(from address: Int, at start: Int) throws(Exhausted) -> Int? {
        let bottom = self.waiting.count
        var address = address
        var position = start
        while true {
            self.stepsLeft -= 1
            if self.stepsLeft < 0 { throw .steps }
            if case .accept = self.program.instructions[address] {
                self.waiting.removeSubrange(bottom...)
                return position
            }
            if try self.step(&address, &position) { continue }
            guard self.goBack(to: bottom, &address, &position) else { return nil }
        }
    }

    /// Takes back what was done since the last alternative.
    private mutating func goBack(to bottom: Int, _ address: inout Int, _ position: inout Int) -> Bool {
        while self.waiting.count > bottom, let last = self.waiting.popLast() {
            switch last {
            case .slot(let slot, let value): self.slots[slot] = value
            case .alternative(let otherAddress, let otherPosition):
                address = otherAddress
                position = otherPosition
                return true
            }
        }
        return false
    }

    private mutating func wait(_ entry: Waiting) throws(Exhausted) {
        if self.waiting.count >= RegexLimits.maxWaiting { throw .waitingAlternatives }
        self.waiting.append(entry)
    }

    private mutating func set(_ slot: Int, to value: Int) throws(Exhausted) {
        try self.wait(.slot(slot, value: self.slots[slot]))
        self.slots[slot] = value
    }

    /// False when the instruction does not match here.
    private mutating func step(_ address: inout Int, _ position: inout Int) throws(Exhausted) -> Bool {
        switch self.program.instructions[address] {
        case .set(let index):
            guard position < self.text.count, self.program.sets[index].contains(self.text[position]) else { return false }
            position += 1
            address += 1
        case .split(let first, let second, let number):
            guard self.isFirstTry(number, at: position) else { return false }
            try self.wait(.alternative(address: second, position: position))
            address = first
        case .jump(let target): address = target
        case .save(let slot):
            try self.set(slot, to: position)
            address += 1
        case .loop(let slot, let start, let exit): address = self.slots[slot] == position ? exit : start
        case .assert(let assertion):
            guard self.holds(assertion, at: position) else { return false }
            address += 1
        case .backreference(let group, let ignoresCase):
            guard let length = self.lengthOfGroup(group, at: position, ignoresCase: ignoresCase) else { return false }
            position += length
            address += 1
        case .look(let look, let next):
            guard try self.looks(look, from: address + 1, at: position) else { return false }
            address = next
        case .atomic(let next):
            let before = self.copyOfSlots()
            guard let end = try self.run(from: address + 1, at: position) else { return false }
            try self.keepForUndo(before)
            position = end
            address = next
        case .accept: assertionFailure("run() ends here")
        }
        return true
    }

    /// The run of a body dropped its own notes of what to put back.
    private mutating func keepForUndo(_ before: [Int]) throws(Exhausted) {
        for slot in before.indices where before[slot] != self.slots[slot] { try self.wait(.slot(slot, value: before[slot])) }
    }

    private mutating func isFirstTry(_ number: Int, at position: Int) -> Bool {
        if self.tried.isEmpty { return true }
        let bit = number * (self.text.count + 1) + position
        let mask: UInt64 = 1 << UInt64(bit & 63)
        let word = self.tried[bit >> 6]
        if word & mask != 0 { return false }
        if word == 0 { self.triedWords.append(bit >> 6) }
        self.tried[bit >> 6] = word | mask
        return true
    }

    private mutating func looks(_ look: RegexLook, from address: Int, at position: Int) throws(Exhausted) -> Bool {
        let before = self.copyOfSlots()
        var isFound = false
        if let behind = look.behind {
            for length in behind where !isFound && length <= position {
                isFound = try self.run(from: address, at: position - length) == position
            }
        } else {
            isFound = try self.run(from: address, at: position) != nil
        }
        if isFound && !look.isNegated { try self.keepForUndo(before) } else { self.slots = before }
        return isFound != look.isNegated
    }
}
