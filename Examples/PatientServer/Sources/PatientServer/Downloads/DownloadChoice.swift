import HTTPTypes
import Hummingbird
import PatientExport

/// What a client wants of a finished generation: which formats, whether compressed, whether encrypted.
struct DownloadChoice: Sendable {
    var formats: [FileFormat]
    /// Several formats, or all of them by the word `zip`, come in one archive.
    var isArchive: Bool
    var isCompressed: Bool
    var password: String?

    /// Bytes that can be sent from any place on: neither packed nor encrypted.
    var isPlain: Bool { !isArchive && !isCompressed && formats != [.workbook] && password == nil }

    init(_ request: Request, of job: Generate) throws {
        let own = job.parameters.formats
        let text = request.uri.queryParameters["format"].map(String.init) ?? own.first ?? ""
        let names = text == "zip" ? own : text.split(separator: ",").map(String.init)
        formats = names.compactMap(FileFormat.init(rawValue:))
        guard !names.isEmpty, formats.count == names.count, Set(names).count == names.count,
            names.allSatisfy(own.contains)
        else {
            throw APIError.invalid(
                "format", "takes zip, or one or several of the job's formats: \(own.joined(separator: ", "))")
        }
        isArchive = text == "zip" || formats.count > 1
        switch request.uri.queryParameters["compression"] {
        case nil: isCompressed = job.parameters.isCompressed ?? false
        case "gzip"?: isCompressed = true
        case "none"?: isCompressed = false
        default: throw APIError.invalid("compression", "takes gzip or none")
        }
        // They are compressed already.
        if isArchive || formats == [.workbook] { isCompressed = false }
        password = try Self.password(request, of: job)
    }

    private static func password(_ request: Request, of job: Generate) throws -> String? {
        let given = HTTPField.Name("X-Encryption-Password").flatMap { request.headers[$0] }
        if let given { try GenerationRequest.check(password: given, "X-Encryption-Password") }
        guard let protection = job.parameters.protection else { return given }
        guard let given else {
            throw APIError(
                status: .forbidden, detail: "the job has a password: send it in the header X-Encryption-Password")
        }
        guard try protection.fits(given) else {
            throw APIError(status: .forbidden, detail: "X-Encryption-Password is not the job's password")
        }
        return given
    }

    /// The name to save it under, without any word of the request.
    func fileName(_ job: String) -> String {
        let plain = isArchive ? "zip" : formats[0].fileExtension
        return "patients-\(job).\(plain)\(isCompressed ? ".gz" : "")\(password == nil ? "" : ".enc")"
    }

    var contentType: String {
        if password != nil { return "application/octet-stream" }
        return isArchive ? "application/zip" : isCompressed ? "application/gzip" : formats[0].contentType
    }

    /// A strong validator; none for what is encrypted, which never is the same twice.
    func tag(_ manifest: Manifest) -> String? {
        guard password == nil else { return nil }
        if isPlain { return manifest.tag(formats[0].rawValue) }
        let parts = formats.map { manifest.tag($0.rawValue).filter { $0 != "\"" }.prefix(16) }
        return "\"\(parts.joined(separator: "-"))-\(isArchive ? "zip" : isCompressed ? "gz" : "xlsx")\""
    }
}
