/// A word with `*` for any characters and `?` for one.
struct WordPattern: Sendable, Hashable {
    enum Part: Sendable, Hashable {
        case character(Unicode.Scalar)
        case one
        case many
    }

    /// In lower case.
    let parts: [Part]

    /// What every match begins with.
    var prefix: String {
        var result = ""
        for part in self.parts {
            guard case .character(let scalar) = part else { break }
            result.unicodeScalars.append(scalar)
        }
        return result
    }

    var isAnything: Bool { self.parts == [.many] }

    /// - Parameter word: in lower case.
    func matches(_ word: String) -> Bool {
        let scalars = Array(word.unicodeScalars)
        var part = 0
        var position = 0
        // Where the last `*` was, and how far it reaches as of now: enough to go back to, for an earlier one need never take more.
        var star: (part: Int, position: Int)?
        while position < scalars.count {
            if part < self.parts.count, case .many = self.parts[part] {
                star = (part, position)
                part += 1
            } else if part < self.parts.count, self.parts[part].matches(scalars[position]) {
                part += 1
                position += 1
            } else if let last = star {
                star = (last.part, last.position + 1)
                part = last.part + 1
                position = last.position + 1
            } else {
                return false
            }
        }
        return self.parts[part...].allSatisfy { $0 == .many }
    }
}

extension WordPattern.Part {
    fileprivate func matches(_ scalar: Unicode.Scalar) -> Bool {
        switch self {
        case .character(let wanted): wanted == scalar
        case .one: true
        case .many: false
        }
    }
}
