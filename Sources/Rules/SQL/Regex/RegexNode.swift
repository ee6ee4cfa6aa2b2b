/// A regular expression as it was written.
indirect enum RegexNode {
    case empty
    case set(ScalarSet)
    case sequence([RegexNode])
    case alternatives([RegexNode])
    case repetition(RegexNode, RegexQuantifier)
    /// `index` is 1 or more.
    case capture(RegexNode, index: Int)
    case backreference(Int, ignoresCase: Bool)
    case assertion(RegexAssertion)
    case look(RegexNode, isBehind: Bool, isNegated: Bool)
    /// `(?>…)`: once it has matched it is not tried in another way.
    case atomic(RegexNode)
}

struct RegexQuantifier {
    enum Kind {
        case greedy, reluctant, possessive
    }

    let minimum: Int
    /// Nil without limit.
    let maximum: Int?
    let kind: Kind
}

enum RegexAssertion {
    /// `\A`, and `^` without `m`.
    case textStart
    /// `\z`.
    case textEnd
    /// `\Z`, and `$` without `m`: the end, or before a line terminator there.
    case lastLineEnd
    case lineStart
    case lineEnd
    case wordBoundary
    case noWordBoundary
    /// `\G`: where the last match ended.
    case searchStart
}

extension RegexNode {
    /// How many scalars it can match; the maximum is nil when there is none. For lookbehind, which must know where to begin.
    var lengths: (minimum: Int, maximum: Int?) {
        switch self {
        case .empty, .assertion, .look: return (0, 0)
        case .set: return (1, 1)
        case .backreference: return (0, nil)
        case .capture(let node, _), .atomic(let node): return node.lengths
        case .sequence(let nodes):
            return nodes.reduce((0, 0)) { sum, node in
                let own = node.lengths
                return (sum.0 + own.minimum, Self.combine(sum.1, own.maximum, +))
            }
        case .alternatives(let nodes):
            let all = nodes.map(\.lengths)
            return (all.map(\.minimum).min() ?? 0, all.reduce(0) { Self.combine($0, $1.maximum, max) })
        case .repetition(let node, let quantifier):
            let own = node.lengths
            let maximum = quantifier.maximum.flatMap { count in own.maximum.map { Self.times($0, count) } }
            return (Self.times(own.minimum, quantifier.minimum), own.maximum == 0 ? 0 : maximum)
        }
    }

    /// Cut where no text is as long, so that nested repetitions do not overflow.
    private static func times(_ length: Int, _ count: Int) -> Int { min(length * count, RegexLimits.longestLength) }

    private static func combine(_ a: Int?, _ b: Int?, _ operation: (Int, Int) -> Int) -> Int? {
        guard let a, let b else { return nil }
        return operation(a, b)
    }
}
