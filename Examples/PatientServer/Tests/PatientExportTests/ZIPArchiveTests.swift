import Foundation
import PatientExport
import PatientGen
import Testing

@Suite struct ZIPArchiveTests {
    @Test func `pieces that were deflated apart are one entry, whatever their sizes`() throws {
        let generator = PatientGenerator(scenario: Scenario(), seed: 7)
        var plain: [UInt8] = []
        generator.write(0..<200, with: PatientFormat.ndjson.writer(for: generator), into: &plain)
        var archive = ZIPArchive()
        var output: [UInt8] = []
        try archive.begin("many/π.ndjson", into: &output)
        var start = 0
        var sizes = [0, 1, 40_000, 7, 8191, 333].makeIterator()
        while start < plain.count {
            let end = min(plain.count, start + (sizes.next() ?? 70_000))
            try archive.append(DeflatedPiece(plain[start..<end]), into: &output)
            start = end
        }
        try archive.begin("empty", into: &output)
        try archive.begin("whole.ndjson", into: &output)
        try archive.append(plain[...], into: &output)
        archive.finish(into: &output)
        try Tool.inFolder { folder in
            let file = folder.appendingPathComponent("a.zip").path
            try Data(output).write(to: URL(fileURLWithPath: file))
            try Data(plain).write(to: folder.appendingPathComponent("plain"))
            let check = try Tool.run(
                "/usr/bin/env",
                [
                    "python3", "-c",
                    """
                    import sys, zipfile
                    archive = zipfile.ZipFile(sys.argv[1])
                    plain = open(sys.argv[2], 'rb').read()
                    assert archive.namelist() == ['many/π.ndjson', 'empty', 'whole.ndjson']
                    assert archive.testzip() is None
                    assert archive.read('many/π.ndjson') == archive.read('whole.ndjson') == plain
                    assert archive.read('empty') == b''
                    """, file, folder.appendingPathComponent("plain").path,
                ])
            #expect(check.code == 0, "\(check.errors)")
        }
    }

    /// 4.3 GiB of zeros, as the same piece again and again.
    @Test func `an entry above 4 GiB is read, and refused where its size was not said`() throws {
        let piece = try DeflatedPiece([UInt8](repeating: 0, count: 1 << 24)[...])
        let count = 270
        var archive = ZIPArchive()
        var output: [UInt8] = []
        try archive.begin("zeros", size: UInt64(count) << 24, into: &output)
        for _ in 0..<count { try archive.append(piece, into: &output) }
        archive.finish(into: &output)
        try Tool.inFolder { folder in
            let file = folder.appendingPathComponent("large.zip").path
            try Data(output).write(to: URL(fileURLWithPath: file))
            let check = try Tool.run(
                "/usr/bin/env",
                [
                    "python3", "-c",
                    """
                    import sys, zipfile
                    archive = zipfile.ZipFile(sys.argv[1])
                    assert archive.getinfo('zeros').file_size == 270 << 24
                    assert archive.testzip() is None
                    """, file,
                ])
            #expect(check.code == 0, "\(check.errors)")
        }
        #expect(throws: ExportError.self) {
            var archive = ZIPArchive()
            var output: [UInt8] = []
            try archive.begin("zeros", into: &output)
            for _ in 0..<count { try archive.append(piece, into: &output) }
        }
    }

    @Test func `bytes without an entry are an error`() throws {
        var archive = ZIPArchive()
        var output: [UInt8] = []
        #expect(throws: ExportError.self) { try archive.append([1][...], into: &output) }
        try archive.begin("a", into: &output)
        archive.finish(into: &output)
        #expect(throws: ExportError.self) { try archive.append([1][...], into: &output) }
    }
}
