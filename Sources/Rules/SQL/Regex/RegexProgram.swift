/// What the matcher executes. Addresses are places in `instructions`.
struct RegexProgram: Sendable {
    enum Instruction: Sendable {
        case set(Int)
        /// Tries `first`, and `second` when that fails. `number` counts these instructions, for the memory of failures.
        case split(first: Int, second: Int, number: Int)
        case jump(Int)
        /// Stores the position.
        case save(slot: Int)
        /// Goes to `exit` when nothing was matched since `save(slot:)`, else back to `start`.
        case loop(slot: Int, start: Int, exit: Int)
        case assert(RegexAssertion)
        case backreference(Int, ignoresCase: Bool)
        /// Runs what follows up to `accept` on its own, then goes on at `next`.
        case look(RegexLook, next: Int)
        case atomic(next: Int)
        case accept
    }

    var instructions: [Instruction] = []
    var sets: [ScalarSet] = []
    /// Two for each group, group 0 included, then one for each loop.
    var slotCount = 0
    var splitCount = 0
    /// Whether it depends on the place alone if an alternative fails, not on what was matched before.
    var remembersFailures = true
}

struct RegexLook: Sendable {
    let isNegated: Bool
    /// How far behind it may begin; nil ahead.
    let behind: ClosedRange<Int>?
}

/// Writes the program of a regular expression.
struct RegexCompiler {
    private(set) var program = RegexProgram()
    private var visits = 0

    init(_ node: RegexNode, groupCount: Int) throws(RegexError) {
        self.program.slotCount = 2 * (groupCount + 1)
        try self.compile(node)
        try self.emit(.accept)
    }

    private static let tooLong = RegexError(
        message: "counted repetitions of more than \(RegexLimits.maxInstructions) steps in all", offset: 0)

    private var address: Int { self.program.instructions.count }

    private mutating func emit(_ instruction: RegexProgram.Instruction) throws(RegexError) {
        if self.address >= RegexLimits.maxInstructions { throw Self.tooLong }
        self.program.instructions.append(instruction)
    }

    private mutating func compile(_ node: RegexNode) throws(RegexError) {
        self.visits += 1
        if self.visits > RegexLimits.maxVisits { throw Self.tooLong }
        switch node {
        case .empty: break
        case .set(let set):
            self.program.sets.append(set)
            try self.emit(.set(self.program.sets.count - 1))
        case .sequence(let nodes): for node in nodes { try self.compile(node) }
        case .alternatives(let nodes): try self.compile(alternatives: nodes)
        case .capture(let node, let index):
            try self.emit(.save(slot: 2 * index))
            try self.compile(node)
            try self.emit(.save(slot: 2 * index + 1))
        case .repetition(let node, let quantifier): try self.compile(node, quantifier)
        case .backreference(let index, let ignoresCase):
            self.program.remembersFailures = false
            try self.emit(.backreference(index, ignoresCase: ignoresCase))
        case .assertion(let assertion): try self.emit(.assert(assertion))
        case .look(let node, let isBehind, let isNegated):
            let lengths = node.lengths
            let behind = isBehind ? lengths.minimum...max(lengths.minimum, lengths.maximum ?? 0) : nil
            try self.compileAside(node) { .look(RegexLook(isNegated: isNegated, behind: behind), next: $0) }
        case .atomic(let node): try self.compileAside(node) { .atomic(next: $0) }
        }
    }

    /// A body that the matcher runs on its own.
    private mutating func compileAside(_ node: RegexNode, _ instruction: (Int) -> RegexProgram.Instruction) throws(RegexError) {
        self.program.remembersFailures = false
        let start = self.address
        try self.emit(.jump(0))
        try self.compile(node)
        try self.emit(.accept)
        self.program.instructions[start] = instruction(self.address)
    }

    private mutating func compile(alternatives nodes: [RegexNode]) throws(RegexError) {
        var jumps: [Int] = []
        for (index, node) in nodes.enumerated() {
            let isLast = index == nodes.count - 1
            let split = isLast ? nil : try self.emitSplit()
            try self.compile(node)
            guard let split else { continue }
            jumps.append(self.address)
            try self.emit(.jump(0))
            self.patch(split: split, isGreedy: true, body: split + 1, other: self.address)
        }
        for jump in jumps { self.program.instructions[jump] = .jump(self.address) }
    }

    private mutating func emitSplit() throws(RegexError) -> Int {
        try self.emit(.jump(0))
        return self.address - 1
    }

    private mutating func patch(split address: Int, isGreedy: Bool, body: Int, other: Int) {
        let (first, second) = isGreedy ? (body, other) : (other, body)
        self.program.instructions[address] = .split(first: first, second: second, number: self.program.splitCount)
        self.program.splitCount += 1
    }

    private mutating func compile(_ node: RegexNode, _ quantifier: RegexQuantifier) throws(RegexError) {
        if quantifier.kind == .possessive {
            let greedy = RegexQuantifier(minimum: quantifier.minimum, maximum: quantifier.maximum, kind: .greedy)
            try self.compileAside(.repetition(node, greedy)) { .atomic(next: $0) }
            return
        }
        let isGreedy = quantifier.kind == .greedy
        for _ in 0..<quantifier.minimum { try self.compile(node) }
        guard let maximum = quantifier.maximum else {
            try self.compileLoop(node, isGreedy: isGreedy)
            return
        }
        // x{0,3} is (x(x(x)?)?)?: each one goes to the end when it is not taken.
        var splits: [Int] = []
        for _ in quantifier.minimum..<maximum {
            splits.append(try self.emitSplit())
            try self.compile(node)
        }
        for split in splits { self.patch(split: split, isGreedy: isGreedy, body: split + 1, other: self.address) }
    }

    private mutating func compileLoop(_ node: RegexNode, isGreedy: Bool) throws(RegexError) {
        let start = try self.emitSplit()
        // A body that can match nothing would loop without end.
        let canBeEmpty = node.lengths.minimum == 0
        let slot = self.program.slotCount
        if canBeEmpty {
            self.program.slotCount += 1
            try self.emit(.save(slot: slot))
        }
        try self.compile(node)
        try self.emit(canBeEmpty ? .loop(slot: slot, start: start, exit: self.address + 1) : .jump(start))
        self.patch(split: start, isGreedy: isGreedy, body: start + 1, other: self.address)
    }
}
