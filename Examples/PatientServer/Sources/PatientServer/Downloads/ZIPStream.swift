import CVitalsZlib
import PatientExport

/// Writes a ZIP archive as a stream, entry by entry, in constant memory; the same bytes for the same entries.
///
/// Each entry is deflated. Its size is not known before its end, so that a data descriptor follows it; entries and
/// archives above 4 GiB are ZIP64. Source: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3 to 4.5.
struct ZIPStream {
    private struct Entry {
        var name: [UInt8]
        var offset: UInt64
        var packed: UInt64 = 0
        var plain: UInt64 = 0
        var checksum: UInt32 = 0
        var isLarge: Bool
    }

    private var entries: [Entry] = []
    private var deflater: Deflater?
    private var position: UInt64 = 0
    private static let limit = UInt64(UInt32.max)

    /// Begins an entry.
    /// - Parameter size: How many bytes will come, as far as that is known.
    mutating func begin(_ name: String, size: UInt64, into output: inout [UInt8]) throws(ExportError) {
        let start = output.count
        deflater = try Deflater(.none)
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
        position += UInt64(output.count - start)
    }

    /// Adds bytes to the entry that was begun.
    mutating func append(_ bytes: ArraySlice<UInt8>, into output: inout [UInt8]) throws(ExportError) {
        guard let deflater, var entry = entries.popLast() else { return }
        let start = output.count
        entry.checksum = bytes.withUnsafeBufferPointer {
            UInt32(truncatingIfNeeded: crc32(UInt(entry.checksum), $0.baseAddress, UInt32($0.count)))
        }
        try deflater.append(bytes, into: &output)
        entry.plain += UInt64(bytes.count)
        entry.packed += UInt64(output.count - start)
        position += UInt64(output.count - start)
        entries.append(entry)
    }

    /// Ends the entry that was begun.
    mutating func end(into output: inout [UInt8]) throws(ExportError) {
        guard let deflater, var entry = entries.popLast() else { return }
        let start = output.count
        try deflater.finish(into: &output)
        entry.packed += UInt64(output.count - start)
        output.put(UInt32(0x0807_4b50), entry.checksum)
        if entry.isLarge {
            output.put(entry.packed, entry.plain)
        } else {
            output.put(UInt32(truncatingIfNeeded: entry.packed), UInt32(truncatingIfNeeded: entry.plain))
        }
        position += UInt64(output.count - start)
        entries.append(entry)
        self.deflater = nil
    }

    /// Ends the archive.
    mutating func finish(into output: inout [UInt8]) {
        let directory = position
        let start = output.count
        for entry in entries {
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
        let size = UInt64(output.count - start)
        let end = directory + size
        let isLarge = directory >= Self.limit || entries.contains(where: \.isLarge)
        if isLarge {
            output.put(UInt32(0x0606_4b50))
            output.put(UInt64(44))
            output.put(UInt16(0x032d), UInt16(45))
            output.put(UInt32(0), UInt32(0))
            output.put(UInt64(entries.count), UInt64(entries.count), size, directory)
            output.put(UInt32(0x0706_4b50), UInt32(0))
            output.put(end)
            output.put(UInt32(1))
        }
        output.put(UInt32(0x0605_4b50))
        output.put(UInt16(0), UInt16(0), UInt16(entries.count), UInt16(entries.count))
        output.put(UInt32(truncatingIfNeeded: size), isLarge ? .max : UInt32(truncatingIfNeeded: directory))
        output.put(UInt16(0))
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
