import Foundation
import SQLDatabase

/// Reads a stream in pieces and everything that its messages describe. Returns the types of the messages, and whether the
/// stream is one.
private func read(_ stream: UnsafeBufferPointer<UInt8>, pieces: Int) -> (types: [UInt8], isStream: Bool) {
    let buffer = InputBuffer()
    var types: [UInt8] = []
    var description: RowDescription?
    var rows = RowStore()
    var position = 0
    do {
        while position < stream.count {
            let space = buffer.freeSpace()
            let count = min(pieces, space.count, stream.count - position)
            let piece = UnsafeBufferPointer(rebasing: stream[position..<position + count])
            space.copyMemory(from: UnsafeRawBufferPointer(piece))
            buffer.received(count)
            position += count
            while let message = try buffer.next() {
                types.append(message.type)
                switch message.type {
                case UInt8(ascii: "T"):
                    description = RowDescription(message.body)
                    rows = RowStore()
                case UInt8(ascii: "D"): rows.append(message.body)
                case UInt8(ascii: "E"), UInt8(ascii: "N"):
                    precondition(!ErrorFields(message.body).error.description.isEmpty)
                case UInt8(ascii: "C"):
                    var reader = MessageReader(message.body)
                    guard let result = try? PostgresResult(rows, description, commandTag: reader.string()) else {
                        break
                    }
                    precondition(result.rows.count == rows.count && result.count >= 0)
                    for row in result.rows { precondition(row.values.count == description?.columns.count) }
                default: break
                }
            }
        }
        return (types, true)
    } catch {
        return (types, false)
    }
}

/// The types whose values are read as more than text, and arrays of them.
private let types: [UInt32] = [
    16, 17, 20, 21, 23, 25, 26, 114, 700, 701, 1082, 1114, 1184, 1700, 2950, 3802, 2278, 18, 1000, 1001, 1005, 1007,
    1009,
    1016, 1021, 1022, 1115, 1182, 1185, 1231, 2951, 3807, 1002, 1020, 1187,
]

// The first byte chooses what the rest is: a stream, a value in binary or in text, a statement, or a DSN.
exit(
    fuzz { bytes, count in
        guard count > 2, let bytes else { return 0 }
        let rest = UnsafeBufferPointer(start: bytes + 2, count: count - 2)
        let type = types[Int(bytes[1]) % types.count]
        switch bytes[0] % 5 {
        case 0:
            let whole = read(rest, pieces: .max)
            let split = read(rest, pieces: Int(bytes[1]) + 1)
            precondition(whole == split, "the pieces of a stream decide its messages")
        case 1: _ = BinaryDecoding.value(ColumnType(oid: type), UnsafeRawBufferPointer(rest))
        case 2: _ = TextDecoding.value(ColumnType(oid: type), String(decoding: rest, as: UTF8.self), typeOID: type)
        case 3: _ = StatementTraits(String(decoding: rest, as: UTF8.self))
        default: _ = try? ConnectionString.options(of: String(decoding: rest, as: UTF8.self))
        }
        return 0
    })
