/// Writes a ZIP archive as a stream, entry by entry, in constant memory; the same bytes for the same pieces.
///
/// ```swift
/// var archive = ZIPArchive()
/// try archive.begin("a.txt", into: &output)
/// try archive.append(bytes[...], into: &output)
/// archive.finish(into: &output)
/// ```
/// Each entry is deflated. Its size is not known before its end, so that a data descriptor follows it; entries and
/// archives above 4 GiB are ZIP64. Source: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3 to 4.5.
public struct ZIPArchive {
    private struct Entry {
        var name: [UInt8]
        var offset: UInt64
        var packed: UInt64 = 0
        var plain: UInt64 = 0
        var checksum: UInt32 = 0
        var isLarge: Bool
    }

    private var entries: [Entry] = []
    private var isOpen = false
    private var position: UInt64 = 0
    private static let limit = UInt64(UInt32.max)

    /// An archive without entries.
    public init() {}

    /// Ends the entry before, and begins one.
    /// - Parameter size: How many bytes will come, as far as that is known; needed for more than 4 GiB.
    public mutating func begin(_ name: String, size: UInt64 = 0, into output: inout [UInt8]) throws(ExportError) {
        end(into: &output)
        guard entries.count < 0xffff, name.utf8.count <= 0xffff else {
            throw ExportError(.invalidOption, "a ZIP archive holds 65535 entries with names of 65535 bytes")
        }
        let start = output.count
        // Deflate can make bytes more, but never by a tenth.
        let entry = Entry(name: Array(name.utf8), offset: position, isLarge: size + size / 10 > Self.limit)
        output.put(UInt32(0x0403_4b50))
        head(entry, into: &output)
        // Sizes and checksum stand in the descriptor.
        output.put(UInt32(0), entry.isLarge ? .max : UInt32(0), entry.isLarge ? .max : UInt32(0))
        output.put(UInt16(entry.name.count), UInt16(entry.isLarge ? 20 : 0))
        output += entry.name
        if entry.isLarge {
            output.put(UInt16(1), UInt16(16))
            output.put(UInt64(0), UInt64(0))
        }
        entries.append(entry)
        isOpen = true
        position += UInt64(output.count - start)
    }

    /// More of the entry that was begun, which may have been deflated in another task.
    public mutating func append(_ piece: DeflatedPiece, into output: inout [UInt8]) throws(ExportError) {
        guard isOpen, let last = entries.indices.last else {
            throw ExportError(.invalidOption, "bytes for a ZIP archive without an entry; begin one first")
        }
        entries[last].checksum = piece.checksum(after: entries[last].checksum)
        entries[last].plain += UInt64(piece.plainCount)
        entries[last].packed += UInt64(piece.bytes.count)
        guard entries[last].isLarge || max(entries[last].plain, entries[last].packed) < Self.limit - 2 else {
            throw ExportError(.invalidOption, "an entry of 4 GiB or more of a ZIP archive is begun with its size")
        }
        output += piece.bytes
        position += UInt64(piece.bytes.count)
    }

    /// More bytes of the entry that was begun.
    public mutating func append(_ bytes: ArraySlice<UInt8>, into output: inout [UInt8]) throws(ExportError) {
        try append(DeflatedPiece(bytes), into: &output)
    }

    /// Ends the archive. Nothing may be appended after it.
    public mutating func finish(into output: inout [UInt8]) {
        end(into: &output)
        let directory = position
        let start = output.count
        for entry in entries { list(entry, into: &output) }
        let size = UInt64(output.count - start)
        let isLarge = directory >= Self.limit || entries.contains(where: \.isLarge)
        if isLarge {
            output.put(UInt32(0x0606_4b50))
            output.put(UInt64(44))
            output.put(UInt16(0x032d), UInt16(45))
            output.put(UInt32(0), UInt32(0))
            output.put(UInt64(entries.count), UInt64(entries.count), size, directory)
            output.put(UInt32(0x0706_4b50), UInt32(0))
            output.put(directory + size)
            output.put(UInt32(1))
        }
        output.put(UInt32(0x0605_4b50))
        output.put(UInt16(0), UInt16(0), UInt16(entries.count), UInt16(entries.count))
        output.put(UInt32(truncatingIfNeeded: size), isLarge ? .max : UInt32(truncatingIfNeeded: directory))
        output.put(UInt16(0))
    }

    private mutating func end(into output: inout [UInt8]) {
        guard isOpen, let last = entries.indices.last else { return }
        isOpen = false
        let start = output.count
        output += DeflatedPiece.end
        entries[last].packed += UInt64(DeflatedPiece.end.count)
        let entry = entries[last]
        output.put(UInt32(0x0807_4b50), entry.checksum)
        if entry.isLarge {
            output.put(entry.packed, entry.plain)
        } else {
            output.put(UInt32(truncatingIfNeeded: entry.packed), UInt32(truncatingIfNeeded: entry.plain))
        }
        position += UInt64(output.count - start)
    }

    /// An entry in the directory.
    private func list(_ entry: Entry, into output: inout [UInt8]) {
        var extra: [UInt8] = []
        let isFar = entry.offset >= Self.limit
        if entry.isLarge { extra.put(entry.plain, entry.packed) }
        if isFar { extra.put(entry.offset) }
        output.put(UInt32(0x0201_4b50))
        output.put(UInt16(0x032d))
        head(entry, into: &output)
        output.put(entry.checksum)
        output.put(entry.isLarge ? .max : UInt32(truncatingIfNeeded: entry.packed))
        output.put(entry.isLarge ? .max : UInt32(truncatingIfNeeded: entry.plain))
        output.put(UInt16(entry.name.count), UInt16(extra.isEmpty ? 0 : extra.count + 4), 0, 0, 0)
        // A plain file that its owner may write.
        output.put(UInt32(0o100_644 << 16), isFar ? .max : UInt32(truncatingIfNeeded: entry.offset))
        output += entry.name
        if !extra.isEmpty {
            output.put(UInt16(1), UInt16(extra.count))
            output += extra
        }
    }

    /// Version needed, flags (descriptor, UTF-8), deflate, and 1 January 1980, so that bytes do not vary.
    private func head(_ entry: Entry, into output: inout [UInt8]) {
        output.put(UInt16(entry.isLarge ? 45 : 20), UInt16(1 << 3 | 1 << 11), UInt16(8), UInt16(0), UInt16(1 << 5 | 1))
    }
}

extension [UInt8] {
    /// Appends numbers, the least byte first.
    fileprivate mutating func put<Number: FixedWidthInteger>(_ numbers: Number...) {
        for number in numbers {
            for shift in stride(from: 0, to: Number.bitWidth, by: 8) {
                append(UInt8(truncatingIfNeeded: number >> Number(shift)))
            }
        }
    }
}
