/// Text under construction, in memory that is used again and again.
final class ByteSink {
    private(set) var count = 0
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int

    init(capacity: Int = 4096) {
        self.capacity = capacity
        base = .allocate(capacity: capacity)
    }

    deinit { base.deallocate() }

    var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base, count: count) }

    /// Starts anew in the same memory.
    func clear() { count = 0 }

    /// Takes back what was written after a mark.
    func rewind(to mark: Int) { count = min(mark, count) }

    /// Makes room.
    @inline(__always)
    func room(_ bytes: Int) -> UnsafeMutablePointer<UInt8> {
        if count &+ bytes > capacity { grow(bytes) }
        return base + count
    }

    @inline(never)
    private func grow(_ bytes: Int) {
        let larger = max(capacity * 2, count + bytes)
        let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        moved.update(from: base, count: count)
        base.deallocate()
        base = moved
        capacity = larger
    }

    @inline(__always)
    func append(_ source: UnsafePointer<UInt8>, _ length: Int) {
        room(length).update(from: source, count: length)
        count &+= length
    }

    func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { source in
            if let start = source.baseAddress { append(start, source.count) }
        }
    }

    func append(_ text: StaticString) { append(text.utf8Start, text.utf8CodeUnitCount) }

    func append(_ text: String) {
        var text = text
        text.withUTF8 { source in
            if let start = source.baseAddress { append(start, source.count) }
        }
    }

    func byte(_ byte: UInt8) {
        room(1).pointee = byte
        count &+= 1
    }

    func newline() { byte(0x0A) }

    /// `name{labels} `.
    func head(_ name: [UInt8], labels: [UInt8]) {
        append(name)
        if !labels.isEmpty {
            byte(UInt8(ascii: "{"))
            append(labels)
            byte(UInt8(ascii: "}"))
        }
        byte(0x20)
    }

    func integer(_ value: UInt64) { count &+= NumberText.write(value, to: room(NumberText.longest)) }

    func double(_ value: Double) { count &+= NumberText.write(value, to: room(NumberText.longest)) }
}
