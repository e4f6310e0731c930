/// `bytes=a-b`, `bytes=a-` or `bytes=-n` of a file.
enum ByteRange: Equatable {
    case part(Range<Int>)
    /// Another unit, several ranges or nonsense: the header counts as not sent (RFC 9110, section 14.2).
    case ignored
    /// Nothing of it lies within.
    case unsatisfiable

    init(_ header: String, of length: Int) {
        guard header.lowercased().hasPrefix("bytes="), !header.contains(",") else {
            self = .ignored
            return
        }
        let parts = header.dropFirst("bytes=".count).split(
            separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        func number(_ text: Substring) -> Int? {
            text.utf8.allSatisfy { (0x30...0x39).contains($0) } && !text.isEmpty
                ? Int(text) ?? .max : nil
        }
        guard parts.count == 2 else {
            self = .ignored
            return
        }
        switch (number(parts[0]), number(parts[1])) {
        case (nil, let count?) where parts[0].isEmpty:
            self = count == 0 || length == 0 ? .unsatisfiable : .part(max(0, length - count)..<length)
        case (let first?, nil) where parts[1].isEmpty:
            self = first < length ? .part(first..<length) : .unsatisfiable
        case (let first?, let last?) where first <= last:
            self = first < length ? .part(first..<min(length, last == .max ? last : last + 1)) : .unsatisfiable
        default: self = .ignored
        }
    }
}
