/// The replacement of `Matcher.replaceAll`: text, `$1`, `${name}`, and `\` before what stands for itself.
struct RegexReplacement {
    enum Part {
        case text([UInt32])
        case group(Int)
    }

    let parts: [Part]

    /// Nil when it names a group that there is not, or ends behind `$` or `\`.
    init?(_ replacement: String, for regex: Regex) {
        let scalars = Array(replacement.unicodeScalars)
        var parts: [Part] = []
        var text: [UInt32] = []
        var position = 0
        while position < scalars.count {
            let scalar = scalars[position]
            position += 1
            if scalar == "\\" {
                guard position < scalars.count else { return nil }
                text.append(scalars[position].value)
                position += 1
            } else if scalar == "$" {
                guard let group = Self.group(scalars, &position, regex) else { return nil }
                parts.append(.text(text))
                parts.append(.group(group))
                text = []
            } else {
                text.append(scalar.value)
            }
        }
        parts.append(.text(text))
        self.parts = parts
    }

    private static func group(_ scalars: [Unicode.Scalar], _ position: inout Int, _ regex: Regex) -> Int? {
        if position < scalars.count, scalars[position] == "{" {
            guard let end = scalars[position...].firstIndex(of: "}") else { return nil }
            var name = String.UnicodeScalarView()
            name.append(contentsOf: scalars[(position + 1)..<end])
            position = end + 1
            return regex.groupNames[String(name)]
        }
        guard position < scalars.count, scalars[position].value &- 0x30 < 10 else { return nil }
        var group = Int(scalars[position].value - 0x30)
        position += 1
        // Further digits belong to it while there are so many groups.
        while position < scalars.count, scalars[position].value &- 0x30 < 10 {
            let longer = group * 10 + Int(scalars[position].value - 0x30)
            if longer > regex.groupCount { break }
            group = longer
            position += 1
        }
        return group <= regex.groupCount ? group : nil
    }

    /// How many scalars `append` adds.
    func length(_ match: [Int]) -> Int {
        self.parts.reduce(0) { sum, part in
            switch part {
            case .text(let text): sum + text.count
            case .group(let group): sum + (match[2 * group] < 0 ? 0 : match[2 * group + 1] - match[2 * group])
            }
        }
    }

    func append(_ match: [Int], of text: [UInt32], to output: inout [UInt32]) {
        for part in self.parts {
            switch part {
            case .text(let text): output += text
            case .group(let group):
                if match[2 * group] >= 0 { output += text[match[2 * group]..<match[2 * group + 1]] }
            }
        }
    }
}
