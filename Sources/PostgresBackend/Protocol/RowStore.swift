import SQLDatabase

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The rows of a result as they came, decoded when the task that asked for them takes them.
struct RowStore {
    private var bytes: [UInt8] = []
    private(set) var count = 0

    var byteCount: Int { bytes.count }

    /// Keeps the body of a `DataRow` message.
    mutating func append(_ body: UnsafeRawBufferPointer) {
        var length = UInt32(truncatingIfNeeded: body.count)
        if count == 0 {
            bytes = [UInt8](unsafeUninitializedCapacity: body.count + 4) { space, used in
                guard let start = space.baseAddress else { return }
                memcpy(start, &length, 4)
                if let source = body.baseAddress { memcpy(start + 4, source, body.count) }
                used = body.count + 4
            }
        } else {
            withUnsafeBytes(of: length) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: body)
        }
        count += 1
    }

    /// Decodes all rows.
    func rows(_ description: RowDescription) throws(PostgresError) -> [SQLRow] {
        var rows: [SQLRow] = []
        rows.reserveCapacity(count)
        var failure: PostgresError?
        bytes.withUnsafeBytes { bytes in
            var offset = 0
            while offset < bytes.count {
                let length = Int(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
                let body = UnsafeRawBufferPointer(rebasing: bytes[(offset + 4)..<(offset + 4 + length)])
                offset += 4 + length
                switch Self.row(body, description) {
                case .success(let row): rows.append(row)
                case .failure(let error):
                    failure = error
                    return
                }
            }
        }
        if let failure { throw failure }
        return rows
    }

    private static func row(_ body: UnsafeRawBufferPointer, _ description: RowDescription)
        -> Result<SQLRow, PostgresError>
    {
        var reader = MessageReader(body)
        let columns = description.columns
        guard Int(reader.integer(UInt16.self)) == columns.count else {
            return .failure(PostgresError(.protocolViolation, "a row has another number of columns than its result"))
        }
        var values: [SQLValue] = []
        values.reserveCapacity(columns.count)
        for index in columns.indices {
            let length: Int32 = reader.integer()
            if length == -1 {
                values.append(.null)
                continue
            }
            let column = columns[index]
            let bytes = reader.take(Int(length))
            guard !reader.isOverrun else { break }
            guard let value = decode(column, bytes) else {
                let name = description.names[index]
                return .failure(
                    PostgresError(
                        .decoding,
                        "column \(name) holds a value of \(column.type) that this client cannot represent; select it "
                            + "as text (\(name)::text)", column: name))
            }
            values.append(value)
        }
        guard !reader.isOverrun, reader.isAtEnd else {
            return .failure(PostgresError(.protocolViolation, "the length of a row is not that of its values"))
        }
        return .success(SQLRow(description.rowColumns, values: values))
    }

    private static func decode(_ column: RowDescription.Column, _ bytes: UnsafeRawBufferPointer) -> SQLValue? {
        if column.isBinary { return BinaryDecoding.value(column.type, bytes) }
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        return TextDecoding.value(column.type, text, typeOID: column.typeOID)
    }
}
