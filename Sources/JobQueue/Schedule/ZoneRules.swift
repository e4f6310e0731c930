#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How far the clocks of a time zone are ahead of UTC, and when that changes: read from the system's own zone files
/// (TZif, RFC 9636). FoundationEssentials knows UTC alone on Linux.
struct ZoneRules: Sendable {
    /// The zone's name, `Europe/Berlin`.
    let identifier: String
    /// When the offset changes, in seconds since 1970, ascending.
    private let transitions: [Int64]
    /// The offset from each transition on, in seconds.
    private let offsets: [Int64]
    /// The offset before the first transition.
    private let first: Int64
    /// What holds after the last transition; `nil` for the last offset for ever.
    private let rule: ZoneFooter?

    static let utc = ZoneRules(identifier: "UTC", transitions: [], offsets: [], first: 0, rule: nil)

    private init(identifier: String, transitions: [Int64], offsets: [Int64], first: Int64, rule: ZoneFooter?) {
        self.identifier = identifier
        self.transitions = transitions
        self.offsets = offsets
        self.first = first
        self.rule = rule
    }

    /// Reads a zone of the system.
    /// - Throws: ``JobError`` with `invalidSchedule`.
    init(identifier: String) throws(JobError) {
        if identifier == "UTC" || identifier == "GMT" {
            self = .utc
            return
        }
        let isName =
            identifier.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || [0x2B, 0x2D, 0x2F, 0x5F].contains(byte)
            } && identifier.utf8.first != 0x2F
        let folders = [getenv("TZDIR").map { String(cString: $0) }, "/usr/share/zoneinfo", "/var/db/timezone/zoneinfo"]
        guard isName, !identifier.isEmpty,
            let bytes = folders.lazy.compactMap({ $0 }).compactMap({ Self.read("\($0)/\(identifier)") }).first
        else {
            throw JobError(
                .invalidSchedule,
                "there is no time zone “\(identifier)” on this system: use a name such as Europe/Berlin, and install "
                    + "the package tzdata where it is missing")
        }
        guard let rules = ZoneRules(identifier: identifier, file: bytes) else {
            throw JobError(.invalidSchedule, "the system's file of the time zone “\(identifier)” is damaged")
        }
        self = rules
    }

    /// Seconds ahead of UTC at a moment in seconds since 1970. O(log n).
    func offset(at moment: Int64) -> Int64 {
        let passed = transitionsPassed(at: moment)
        if passed == transitions.count, let rule { return rule.offset(at: moment) }
        return passed == 0 ? first : offsets[passed - 1]
    }

    /// Returns the first moment after this one at which another offset may begin; `nil` where none does. O(log n).
    func nextChange(after moment: Int64) -> Int64? {
        let passed = transitionsPassed(at: moment)
        return passed < transitions.count ? transitions[passed] : rule?.nextChange(after: moment)
    }

    /// The number of transitions that are not after a moment.
    private func transitionsPassed(at moment: Int64) -> Int {
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle] <= moment { low = middle + 1 } else { high = middle }
        }
        return low
    }

    // MARK: Files

    private static func read(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "rb") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 262_144)
        let count = fread(&bytes, 1, bytes.count, file)
        return count > 0 ? Array(bytes.prefix(count)) : nil
    }

    /// The second block of a file of version 2 or later, which has times of 64 bits and a rule at its end.
    init?(identifier: String, file: [UInt8]) {
        var reader = ZoneFileReader(bytes: file)
        guard let old = reader.header(), old.version >= 2 else { return nil }
        reader.skip(old.size(timeBytes: 4))
        guard let header = reader.header(), header.types > 0 else { return nil }
        var times: [Int64] = []
        var kinds: [Int] = []
        var known: [Int64] = []
        for _ in 0..<header.times {
            guard let time = reader.integer(bytes: 8) else { return nil }
            times.append(time)
        }
        for _ in 0..<header.times {
            guard let kind = reader.byte() else { return nil }
            kinds.append(Int(kind))
        }
        for _ in 0..<header.types {
            guard let offset = reader.integer(bytes: 4) else { return nil }
            known.append(offset)
            reader.skip(2)
        }
        guard kinds.allSatisfy(known.indices.contains) else { return nil }
        reader.skip(header.characters + header.leaps * 12 + header.standards + header.universals)
        let footer = reader.line()
        self.init(
            identifier: identifier, transitions: times, offsets: kinds.map { known[$0] }, first: known[0],
            rule: footer.flatMap { ZoneFooter($0) })
    }
}

/// Reads big-endian numbers; past the end there are none.
private struct ZoneFileReader {
    let bytes: [UInt8]
    var position = 0

    struct Header {
        var version: Int
        var universals: Int
        var standards: Int
        var leaps: Int
        var times: Int
        var types: Int
        var characters: Int

        func size(timeBytes: Int) -> Int {
            times * (timeBytes + 1) + types * 6 + characters + leaps * (timeBytes + 4) + standards + universals
        }
    }

    mutating func byte() -> UInt8? {
        guard bytes.indices.contains(position) else { return nil }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func skip(_ count: Int) { position += max(0, count) }

    mutating func integer(bytes count: Int) -> Int64? {
        guard position >= 0, position + count <= bytes.count else { return nil }
        defer { position += count }
        let bits = bytes[position..<position + count].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let unused = UInt64(64 - 8 * count)
        return Int64(bitPattern: bits << unused) >> Int64(unused)
    }

    mutating func header() -> Header? {
        guard position + 44 <= bytes.count, Array(bytes[position..<position + 4]) == Array("TZif".utf8) else {
            return nil
        }
        let version = Int(bytes[position + 4]) - 48
        position += 20
        let counts = (0..<6).compactMap { _ in integer(bytes: 4).map { Int($0) } }
        guard counts.count == 6, counts.allSatisfy({ (0...100_000).contains($0) }) else { return nil }
        return Header(
            version: version, universals: counts[0], standards: counts[1], leaps: counts[2], times: counts[3],
            types: counts[4], characters: counts[5])
    }

    /// The text between two line ends.
    mutating func line() -> String? {
        guard byte() == 10, position < bytes.count, let end = bytes[position...].firstIndex(of: 10) else { return nil }
        return String(decoding: bytes[position..<end], as: UTF8.self)
    }
}
