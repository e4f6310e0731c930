import JobQueue
import SQLDatabase

extension SQLRow {
    func integer(_ index: Int) -> Int64? {
        switch values[index] {
        case .integer(let value): value
        case .bool(let value): value ? 1 : 0
        default: nil
        }
    }

    func int(_ index: Int) -> Int { integer(index).flatMap { Int(exactly: $0) } ?? 0 }

    func flag(_ index: Int) -> Bool { (integer(index) ?? 0) != 0 }

    func text(_ index: Int) -> String? {
        if case .text(let value) = values[index] { value } else { nil }
    }

    func texts(_ index: Int) -> Set<String>? {
        guard case .array(let values) = values[index] else { return nil }
        return Set(values.compactMap { if case .text(let text) = $0 { text } else { nil } })
    }

    func bytes(_ index: Int) -> [UInt8]? {
        if case .blob(let value) = values[index] { value } else { nil }
    }

    func double(_ index: Int) -> Double? {
        switch values[index] {
        case .double(let value): value
        case .integer(let value): Double(value)
        default: nil
        }
    }
}

/// Lists and dictionaries in text columns.
enum TextColumn {
    static func metadata(_ values: [String: String]) throws -> String? {
        values.isEmpty ? nil : String(decoding: try JobCoding.encode(values), as: UTF8.self)
    }

    static func metadata(_ text: String?) throws -> [String: String] {
        guard let text else { return [:] }
        return try JobCoding.decode([String: String].self, from: Array(text.utf8))
    }

    /// The kinds a worker has code for, as a JSON array; `nil` for any.
    static func kinds(_ kinds: Set<String>?) throws -> String? {
        try kinds.map { String(decoding: try JobCoding.encode($0.sorted()), as: UTF8.self) }
    }

    static func kinds(_ text: String?) throws -> Set<String>? {
        try text.map { Set(try JobCoding.decode([String].self, from: Array($0.utf8))) }
    }

    static func ids(_ ids: [JobID]) -> String? {
        ids.isEmpty ? nil : ids.map(\.description).joined(separator: ",")
    }

    static func ids(_ text: String?) -> [JobID] {
        (text ?? "").split(separator: ",").compactMap { JobID(String($0)) }
    }
}

extension JobSuspicion {
    /// What holds for the columns of a job under it.
    var condition: String {
        switch self {
        case .clear: "rescues = 0"
        case .suspected: "rescues > 0 AND rescues + 1 < max_rescues"
        case .lastChance: "rescues > 0 AND rescues + 1 >= max_rescues"
        }
    }
}

/// What ties a job to others, as bits of its column `links`: what its end must look after.
enum JobLinks {
    static let key: Int64 = 1
    static let parent: Int64 = 2
    static let dependents: Int64 = 4
    /// What it waits for has not been looked at since it was stored. (PostgreSQL)
    static let arrived: Int64 = 8
}
