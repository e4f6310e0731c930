import CVitalsZlib

/// Writes a ZIP archive (APPNOTE 6.3) into a stream, entry by entry, in constant memory: deflated, sizes and checksums
/// behind each entry, no ZIP64. The same entries always give the same bytes: the time in it is 1980-01-01.
///
/// ```swift
/// var zip = ZipWriter()
/// try zip.begin("a.txt", into: &output)
/// try zip.append(bytes, into: &output)
/// try zip.finish(into: &output)
/// ```
public struct ZipWriter {
    private struct Entry {
        var name: [UInt8]
        var offset: Int
        var checksum: UInt = 0
        var packed = 0
        var plain = 0
    }

    private var entries: [Entry] = []
    private var packer: Deflater?
    private var position = 0
    private let level: Int

    /// An archive without entries.
    /// - Parameter level: 1 (fastest) to 9 (smallest).
    public init(level: Int = 6) { self.level = level }

    /// Ends the entry before, and begins one.
    public mutating func begin(_ name: String, into output: inout [UInt8]) throws(ExportError) {
        try end(&output)
        guard entries.count < 0xffff, name.utf8.count <= 0xffff else {
            throw ExportError(.invalidOption, "a ZIP archive holds 65535 entries with names of 65535 bytes")
        }
        let entry = Entry(name: Array(name.utf8), offset: position)
        let start = output.count
        output += Self.number(0x0403_4b50, 4) + Self.common + Self.number(0, 12)
        output += Self.number(entry.name.count, 2) + Self.number(0, 2) + entry.name
        position += output.count - start
        entries.append(entry)
        packer = try Deflater(.none, level: level)
    }

    /// More bytes of the entry.
    public mutating func append(
        _ bytes: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]
    ) throws(ExportError) {
        guard let packer, let last = entries.indices.last else {
            throw ExportError(.invalidOption, "bytes for a ZIP archive without an entry; begin one first")
        }
        let start = output.count
        entries[last].checksum = crc32_z(entries[last].checksum, bytes.baseAddress, bytes.count)
        entries[last].plain += bytes.count
        try packer.append(bytes, into: &output)
        try grew(by: output.count - start)
    }

    /// Ends the archive. Nothing may be appended after it.
    public mutating func finish(into output: inout [UInt8]) throws(ExportError) {
        try end(&output)
        let start = output.count
        for entry in entries {
            output += Self.number(0x0201_4b50, 4) + Self.number(20, 2) + Self.common + Self.sizes(entry)
            output += Self.number(entry.name.count, 2) + Self.number(0, 12) + Self.number(entry.offset, 4) + entry.name
        }
        let size = output.count - start
        output += Self.number(0x0605_4b50, 4) + Self.number(0, 4) + Self.number(entries.count, 2)
        output += Self.number(entries.count, 2) + Self.number(size, 4) + Self.number(position, 4) + Self.number(0, 2)
    }

    private mutating func end(_ output: inout [UInt8]) throws(ExportError) {
        guard let packer, let last = entries.indices.last else { return }
        let start = output.count
        try packer.finish(into: &output)
        try grew(by: output.count - start)
        let descriptor = Self.number(0x0807_4b50, 4) + Self.sizes(entries[last])
        output += descriptor
        position += descriptor.count
        self.packer = nil
    }

    private mutating func grew(by count: Int) throws(ExportError) {
        entries[entries.count - 1].packed += count
        position += count
        guard position < 0xffff_0000, entries[entries.count - 1].plain < 0xffff_ffff else {
            throw ExportError(.invalidOption, "a ZIP archive holds 4 GiB; take another format, or fewer patients")
        }
    }

    /// Version 2.0, sizes behind the entry and names in UTF-8, deflated, 1980-01-01 00:00.
    private static let common = number(20, 2) + number(0x0808, 2) + number(8, 2) + number(0, 2) + number(0x21, 2)

    private static func sizes(_ entry: Entry) -> [UInt8] {
        number(Int(entry.checksum), 4) + number(entry.packed, 4) + number(entry.plain, 4)
    }

    /// Little endian.
    private static func number(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { $0 < 8 ? UInt8(truncatingIfNeeded: value >> (8 * $0)) : 0 }
    }
}
