public import SQLDatabase

/// The result of one statement.
public struct PostgresResult: Sendable, Hashable {
    /// The rows, if the statement returns any.
    public let rows: [SQLRow]
    /// The number of rows that were inserted, updated, deleted, selected or copied.
    public let count: Int
    /// The server's tag for the command: `INSERT 0 3`.
    public let commandTag: String

    init(_ rows: RowStore, _ description: RowDescription?, commandTag: String) throws(PostgresError) {
        if rows.count > 0 {
            guard let description else {
                throw PostgresError(.protocolViolation, "the server sent rows without describing them")
            }
            self.rows = try rows.rows(description)
        } else {
            self.rows = []
        }
        self.commandTag = commandTag
        count = Self.count(commandTag)
    }

    /// The number at the end of a tag; the greatest one where it does not fit.
    private static func count(_ tag: String) -> Int {
        var tag = tag
        return tag.withUTF8 { count($0) }
    }

    private static func count(_ tag: UnsafeBufferPointer<UInt8>) -> Int {
        var count = 0
        var scale = 1
        for index in stride(from: tag.count - 1, through: 0, by: -1) {
            let byte = tag[index]
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { break }
            let digit = Int(byte - UInt8(ascii: "0"))
            let part = digit.multipliedReportingOverflow(by: scale)
            let sum = count.addingReportingOverflow(part.partialValue)
            if digit > 0, scale == 0 || part.overflow || sum.overflow { return .max }
            count = sum.partialValue
            // 0: beyond the nineteenth digit, where only leading zeros fit.
            let next = scale.multipliedReportingOverflow(by: 10)
            scale = next.overflow ? 0 : next.partialValue
        }
        return count
    }
}
