import Foundation
import PatientExport
import ServerTestSupport
import Testing

@Suite("Downloads, end to end", .serialized)
struct DownloadTests {
    private let body =
        #"{"preset":"nato_article_5","total_patients":700,"seed":5,"output_formats":["ndjson","csv","xml"]"#

    @Test func `parts, tags and the whole are the same bytes`() async throws {
        try await RunningServer.with(["--chunk-size", "150"]) { server in
            let (id, job) = try await server.generate(body + "}")
            let chunks = try #require((job["manifest"] as? [String: Any])?["chunks"] as? [[String: Any]])
            #expect(chunks.count == 5)
            let path = "/api/v1/downloads/\(id)?format=ndjson"
            let whole = try await server.get(path)
            #expect(whole.headers["accept-ranges"] == "bytes")
            let tag = try #require(whole.headers["etag"])
            var at = 0
            for chunk in chunks {
                let format = try #require((chunk["formats"] as? [String: [String: Any]])?["ndjson"])
                let size = try #require(format["bytes"] as? Int)
                let part = whole.body[at..<at + size]
                #expect(try await digest(part) == format["sha256"] as? String, "the manifest's digest")
                at += size
            }
            #expect(at == whole.body.count)

            var pieces = Data()
            let step = whole.body.count / 7
            for first in stride(from: 0, to: whole.body.count, by: step) {
                let part = try await server.get(
                    path, headers: ["Range": "bytes=\(first)-\(first + step - 1)", "If-Range": tag])
                #expect(part.status == 206)
                pieces += part.body
            }
            #expect(pieces == whole.body)
            let tail = try await server.get(path, headers: ["Range": "bytes=-100"])
            #expect(tail.body == whole.body.suffix(100))
            #expect(
                tail.headers["content-range"]
                    == "bytes \(whole.body.count - 100)-\(whole.body.count - 1)/\(whole.body.count)")
            #expect(try await server.get(path, headers: ["Range": "bytes=999999999-"]).status == 416)
            #expect(
                try await server.get(path, headers: ["Range": "bytes=0-9", "If-Range": "\"old\""]).status == 200)
            for value in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
                #expect(try await server.get(path, headers: ["If-None-Match": value]).status == 304)
            }
            #expect(try await server.get(path, headers: ["If-None-Match": "\"x\""]).status == 200)
            let head = try await server.send("HEAD", path)
            #expect(head.status == 200 && head.headers["content-length"] == "\(whole.body.count)" && head.body.isEmpty)
        }
    }

    @Test func `a ZIP holds the files, and gzip one of them, whatever reads it`() async throws {
        try await RunningServer.with { server in
            let (id, _) = try await server.generate(body + "}")
            let path = "/api/v1/downloads/\(id)"
            let archive = try await server.get("\(path)?format=zip")
            #expect(archive.headers["content-type"] == "application/zip")
            #expect(try await server.get("\(path)?format=zip").body == archive.body, "the same bytes again")
            let file = "\(server.folder)/all.zip"
            try archive.body.write(to: URL(fileURLWithPath: file))
            let names = try await ChildProcess.run(
                "/usr/bin/env",
                [
                    "python3", "-c",
                    "import zipfile,sys; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; z.extractall(sys.argv[2]); print(z.namelist())",
                    file, "\(server.folder)/out",
                ])
            #expect(names.contains("['patients.ndjson', 'patients.csv', 'patients.xml']"))
            for format in ["ndjson", "csv", "xml"] {
                let plain = try await server.get("\(path)?format=\(format)").body
                #expect(
                    try Data(contentsOf: URL(fileURLWithPath: "\(server.folder)/out/patients.\(format)")) == plain)
                let packed = try await server.get("\(path)?format=\(format)&compression=gzip")
                #expect(packed.headers["content-disposition"]?.hasSuffix(".\(format).gz\"") == true)
                try packed.body.write(to: URL(fileURLWithPath: "\(server.folder)/\(format).gz"))
                let text = try await ChildProcess.run("/bin/sh", ["-c", "gunzip -c '\(server.folder)/\(format).gz'"])
                #expect(Data(text.utf8) == plain)
            }
            let two = try await server.get("\(path)?format=csv,xml")
            #expect(two.headers["content-type"] == "application/zip")
            for format in ["pdf", "", "csv,csv", "json", "zip,csv", "..%2f..%2fetc"] {
                #expect(try await server.get("\(path)?format=\(format)").status == 422, "“\(format)”")
            }
            #expect(try await server.get("\(path)?compression=rar").status == 422)
        }
    }

    @Test func `a workbook holds the patients, alone and in a ZIP, and its sheet is what the manifest says`()
        async throws
    {
        try await RunningServer.with(["--max-patients", "2000000"]) { server in
            let (id, job) = try await server.generate(
                #"{"preset":"mass_casualty","total_patients":300,"output_formats":["xlsx","csv"],"compression":true}"#)
            let chunks = try #require((job["manifest"] as? [String: Any])?["chunks"] as? [[String: Any]])
            let digest = try #require((chunks[0]["formats"] as? [String: [String: Any]])?["xlsx"]?["sha256"] as? String)
            let path = "/api/v1/downloads/\(id)"
            let alone = try await server.get("\(path)?format=xlsx")
            #expect(alone.headers["content-type"]?.hasSuffix("spreadsheetml.sheet") == true)
            #expect(alone.headers["accept-ranges"] == "none" && alone.headers["etag"] != nil)
            #expect(alone.headers["content-disposition"]?.hasSuffix(".xlsx\"") == true)
            for (name, bytes) in [("a", alone.body), ("b", try await server.get("\(path)?format=zip").body)] {
                try bytes.write(to: URL(fileURLWithPath: "\(server.folder)/\(name)"))
            }
            let output = try await ChildProcess.run(
                "/usr/bin/env",
                [
                    "python3", "-c",
                    """
                    import hashlib, io, sys, zipfile
                    alone = open(sys.argv[1], "rb").read()
                    archive = zipfile.ZipFile(sys.argv[2])
                    assert archive.testzip() is None and archive.read("patients.xlsx") == alone
                    book = zipfile.ZipFile(io.BytesIO(alone))
                    assert book.testzip() is None
                    sheet = book.read("xl/worksheets/sheet1.xml")
                    print(sheet.count(b"<row"), hashlib.sha256(sheet).hexdigest())
                    """, "\(server.folder)/a", "\(server.folder)/b",
                ])
            #expect(output == "301 \(digest)\n")
            let tooMany = try await server.post(
                "/api/v1/generation/",
                #"{"preset":"mass_casualty","total_patients":1048576,"output_formats":["xlsx"]}"#)
            #expect(tooMany.status == 422)
            #expect(tooMany.text.contains("whose sheet holds 1048575 patients"))
        }
    }

    @Test func `a job's password is asked for, opens the file, and is kept nowhere`() async throws {
        let secret = "correct-horse-battery"
        try await RunningServer.with { server in
            let (id, job) = try await server.generate(
                body + #","encryption_password":"\#(secret)","compression":true}"#)
            #expect(job["encrypted"] as? Bool == true)
            let (other, _) = try await server.generate(body + "}")
            let path = "/api/v1/downloads/\(id)?format=csv"
            #expect(try await server.get(path).status == 403)
            #expect(try await server.get(path, headers: ["X-Encryption-Password": "wrong-horse-battery"]).status == 403)
            #expect(try await server.get(path, headers: ["X-Encryption-Password": "short"]).status == 422)
            let sealed = try await server.get(path, headers: ["X-Encryption-Password": secret])
            #expect(sealed.status == 200 && sealed.headers["etag"] == nil)
            #expect(sealed.headers["content-disposition"]?.contains(".csv.gz.enc") == true)
            var reader = Decryptor(password: secret)
            var packed: [UInt8] = []
            try reader.append(Array(sealed.body)[...], into: &packed)
            try reader.finish(into: &packed)
            try Data(packed).write(to: URL(fileURLWithPath: "\(server.folder)/csv.gz"))
            let text = try await ChildProcess.run("/bin/sh", ["-c", "gunzip -c '\(server.folder)/csv.gz'"])
            #expect(Data(text.utf8) == (try await server.get("/api/v1/downloads/\(other)?format=csv").body))

            let shown = try await server.get("/api/v1/jobs/\(id)").text + server.get("/api/v1/jobs/").text
            #expect(!shown.contains(secret) && !server.log.contains(secret))
            for name in try FileManager.default.contentsOfDirectory(atPath: server.folder) where name.contains("sqlite")
            {
                let file = try Data(contentsOf: URL(fileURLWithPath: "\(server.folder)/\(name)"))
                #expect(file.range(of: Data(secret.utf8)) == nil, "\(name)")
            }
            #expect(
                try await server.post("/api/v1/generation/", body + #","encryption_password":"short"}"#).status == 422)
        }
    }

    private func digest(_ bytes: Data) async throws -> String {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try bytes.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return String(try await ChildProcess.run("/usr/bin/env", ["sha256sum", file.path]).prefix(64))
    }
}
