#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Bytes that have come from the server, and the messages among them.
final class InputBuffer {
    private var base: UnsafeMutableRawPointer
    private var capacity = 16 * 1024
    private var start = 0
    private var end = 0

    /// The longest message that is accepted: the server's own limit of 1 GiB for a value, and its frame.
    private static let longestMessage = 1 << 30 + 1 << 20
    private static let keptCapacity = 256 * 1024

    /// One message: its type and what follows its length. Valid until the buffer is read into again.
    struct Message {
        let type: UInt8
        let body: UnsafeRawBufferPointer
    }

    init() { base = .allocate(byteCount: capacity, alignment: 16) }

    deinit { base.deallocate() }

    /// The number of bytes that have not been consumed.
    var count: Int { end - start }

    /// Takes the next complete message.
    /// - Returns: `nil` when more bytes are needed.
    /// - Throws: When what has come is no message.
    func next() throws(PostgresError) -> Message? {
        guard end - start >= 5 else { return nil }
        let type = base.load(fromByteOffset: start, as: UInt8.self)
        let length = Int(Int32(bigEndian: (base + start + 1).loadUnaligned(as: Int32.self)))
        guard length >= 4, length <= Self.longestMessage else {
            throw PostgresError(.protocolViolation, "the server sent a message of impossible length (\(length) bytes)")
        }
        guard end - start > length else {
            // Room for a long message is made as its bytes come: a length alone must not take memory.
            let wanted = min(length + 1, max(2 * (end - start), Self.keptCapacity))
            if start + wanted > capacity { makeRoom(wanted) }
            return nil
        }
        let body = UnsafeRawBufferPointer(start: base + start + 5, count: length - 4)
        start += length + 1
        return Message(type: type, body: body)
    }

    /// The free memory behind the bytes that have come, never empty.
    func freeSpace() -> UnsafeMutableRawBufferPointer {
        if start == end {
            start = 0
            end = 0
            if capacity > Self.keptCapacity {
                base.deallocate()
                capacity = 16 * 1024
                base = .allocate(byteCount: capacity, alignment: 16)
            }
        } else if capacity - end < 1024 {
            makeRoom(max(end - start + 1024, 2048))
        }
        return UnsafeMutableRawBufferPointer(start: base + end, count: capacity - end)
    }

    /// Notes that bytes have been written to ``freeSpace()``.
    func received(_ count: Int) { end += count }

    /// Makes room for a number of bytes from the first unconsumed one on.
    private func makeRoom(_ needed: Int) {
        if needed <= capacity {
            base.copyMemory(from: base + start, byteCount: end - start)
        } else {
            var size = capacity
            while size < needed { size *= 2 }
            let larger = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
            larger.copyMemory(from: base + start, byteCount: end - start)
            base.deallocate()
            base = larger
            capacity = size
        }
        end -= start
        start = 0
    }
}

/// Reads the fields of one message.
struct MessageReader {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    /// Whether a field was read past the end. What is read after that is zero or empty.
    private(set) var isOverrun = false

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { position >= bytes.count }

    mutating func integer<Integer: FixedWidthInteger>(_ type: Integer.Type = Integer.self) -> Integer {
        let size = MemoryLayout<Integer>.size
        guard position + size <= bytes.count else {
            isOverrun = true
            position = bytes.count
            return 0
        }
        defer { position += size }
        return Integer(bigEndian: bytes.loadUnaligned(fromByteOffset: position, as: Integer.self))
    }

    mutating func take(_ count: Int) -> UnsafeRawBufferPointer {
        guard count >= 0, count <= bytes.count - position else {
            isOverrun = true
            position = bytes.count
            return UnsafeRawBufferPointer(start: nil, count: 0)
        }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    }

    /// A text that ends with NUL.
    mutating func string() -> String {
        guard position < bytes.count, let start = bytes.baseAddress.map({ $0 + position }),
            let end = memchr(start, 0, bytes.count - position)
        else {
            isOverrun = true
            position = bytes.count
            return ""
        }
        let length = UnsafeRawPointer(end) - start
        position += length + 1
        return String(decoding: UnsafeRawBufferPointer(start: start, count: length), as: UTF8.self)
    }
}
