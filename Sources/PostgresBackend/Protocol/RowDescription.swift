import SQLDatabase

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The columns of a result, as the server describes them for this result.
final class RowDescription: Sendable {
    struct Column: Sendable {
        let type: ColumnType
        let typeOID: UInt32
        let isBinary: Bool
    }

    let names: [String]
    /// The names as the rows share them.
    let rowColumns: SQLColumns
    let columns: [Column]
    /// The message it was read from: an equal message describes equal columns.
    private let bytes: [UInt8]

    /// Reads a `RowDescription` message; `nil` when it is malformed.
    init?(_ body: UnsafeRawBufferPointer) {
        var reader = MessageReader(body)
        let count = Int(reader.integer(UInt16.self))
        var names: [String] = []
        var columns: [Column] = []
        names.reserveCapacity(count)
        columns.reserveCapacity(count)
        for _ in 0..<count {
            names.append(reader.string())
            _ = reader.take(6)
            let oid: UInt32 = reader.integer()
            _ = reader.take(6)
            let format: Int16 = reader.integer()
            columns.append(Column(type: ColumnType(oid: oid), typeOID: oid, isBinary: format == 1))
        }
        guard !reader.isOverrun, reader.isAtEnd else { return nil }
        self.names = names
        rowColumns = SQLColumns(names)
        self.columns = columns
        bytes = [UInt8](body)
    }

    /// Whether a message describes the same columns.
    func isDescribed(by body: UnsafeRawBufferPointer) -> Bool {
        guard body.count == bytes.count else { return false }
        guard let start = body.baseAddress else { return true }
        return bytes.withUnsafeBytes { $0.baseAddress.map { memcmp($0, start, body.count) == 0 } ?? false }
    }

    /// The formats to ask for: binary for each column whose binary form is read here.
    var preferredFormats: [Int16] { columns.map { $0.type.readsBinary ? 1 : 0 } }
}
