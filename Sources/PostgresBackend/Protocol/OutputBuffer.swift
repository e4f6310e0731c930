#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Messages on their way to the server, in the order in which they are sent.
///
/// Integers are written in network byte order. The memory is reused from one exchange to the next.
final class OutputBuffer {
    private var base: UnsafeMutableRawPointer
    private var capacity = 4096
    /// The first byte that has not been sent.
    private var start = 0
    private var end = 0

    /// A buffer that grew beyond this is shrunk when it is empty.
    private static let keptCapacity = 256 * 1024

    init() { base = .allocate(byteCount: capacity, alignment: 16) }

    deinit { base.deallocate() }

    /// The bytes that have not been sent.
    var pending: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base + start, count: end - start) }

    /// The number of bytes that have not been sent.
    var count: Int { end - start }

    /// Removes bytes that have been sent.
    func removeSent(_ count: Int) {
        start += count
        if start == end { removeAll() }
    }

    /// Removes everything, sent or not.
    func removeAll() {
        start = 0
        end = 0
        if capacity > Self.keptCapacity {
            base.deallocate()
            capacity = 4096
            base = .allocate(byteCount: capacity, alignment: 16)
        }
    }

    /// Where the next message begins, until something is sent.
    var position: Int { end }

    /// Removes what has been written since a position was read.
    func truncate(to position: Int) { end = position }

    // MARK: Writing

    func append(_ byte: UInt8) {
        reserve(1)
        base.storeBytes(of: byte, toByteOffset: end, as: UInt8.self)
        end += 1
    }

    func append(_ value: some FixedWidthInteger) {
        let size = value.bitWidth / 8
        reserve(size)
        withUnsafeBytes(of: value.bigEndian) {
            (base + end).copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(base), byteCount: size)
        }
        end += size
    }

    func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        reserve(bytes.count)
        (base + end).copyMemory(from: source, byteCount: bytes.count)
        end += bytes.count
    }

    /// Appends a text's bytes. Returns whether the text is free of NUL; a text with NUL must not be sent.
    func append(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            let raw = UnsafeRawBufferPointer(bytes)
            append(raw)
            guard let start = raw.baseAddress else { return true }
            return memchr(start, 0, raw.count) == nil
        }
    }

    /// Appends a text with the NUL that ends it. Returns whether the text itself is free of NUL.
    func appendCString(_ text: String) -> Bool {
        let isClean = append(text)
        append(UInt8(0))
        return isClean
    }

    /// Begins a message. Returns the position of its length, for ``endMessage(_:)``.
    func beginMessage(_ type: UInt8) -> Int {
        append(type)
        return beginLength()
    }

    /// Reserves the four bytes of a length that counts itself.
    func endMessage(_ mark: Int) { patch(Int32(clamping: end - mark), at: mark) }

    /// Reserves four bytes for the length of a value.
    func beginLength() -> Int {
        let mark = end
        append(Int32(0))
        return mark
    }

    /// Writes the length of a value, which does not count the length itself.
    func endLength(_ mark: Int) { patch(Int32(clamping: end - mark - 4), at: mark) }

    private func patch(_ value: Int32, at offset: Int) {
        base.storeBytes(of: value.bigEndian, toByteOffset: offset, as: Int32.self)
    }

    @inline(__always)
    private func reserve(_ count: Int) {
        if end + count > capacity { grow(count) }
    }

    private func grow(_ count: Int) {
        let used = end - start
        var size = max(capacity * 2, 4096)
        while size < used + count { size *= 2 }
        // Positions of lengths that are still open must stay valid: nothing is moved to the front here.
        size += start
        let larger = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        larger.copyMemory(from: base, byteCount: end)
        base.deallocate()
        base = larger
        capacity = size
    }
}
