import Foundation
import HTTPTypes
import Hummingbird

/// An answer that is an error: a status, a short name of it and what to do about it.
struct APIError: Error, Sendable {
    var status: HTTPResponse.Status
    /// What went wrong and the remedy, for a person.
    var detail: String
    /// The field or parameter that is at fault, where there is one.
    var field: String?
    var headers: HTTPFields = [:]

    static func badRequest(_ detail: String) -> APIError { APIError(status: .badRequest, detail: detail) }
    static func notFound(_ what: String) -> APIError { APIError(status: .notFound, detail: what) }
    static func conflict(_ detail: String) -> APIError { APIError(status: .conflict, detail: detail) }
    static func invalid(_ field: String, _ rule: String) -> APIError {
        APIError(status: .unprocessableContent, detail: "\(field): \(rule)", field: field)
    }
    static func unavailable(_ detail: String, retryAfter seconds: Int = 5) -> APIError {
        APIError(status: .serviceUnavailable, detail: detail, headers: [.retryAfter: String(seconds)])
    }

    /// The short name of each status.
    static func name(of status: HTTPResponse.Status) -> String {
        switch status.code {
        case 400: "bad_request"
        case 401: "unauthorized"
        case 403: "forbidden"
        case 404: "not_found"
        case 405: "method_not_allowed"
        case 409: "conflict"
        case 412: "precondition_failed"
        case 413: "content_too_large"
        case 415: "unsupported_media_type"
        case 416: "range_not_satisfiable"
        case 422: "validation_error"
        case 429: "too_many_requests"
        case 503: "unavailable"
        default: status.code < 500 ? "request_error" : "internal_error"
        }
    }

    /// The one envelope of all errors, or RFC 9457's form where the client accepts it.
    func response(requestID: String, problem: Bool) -> Response {
        let name = Self.name(of: status)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let body: Data?
        if problem {
            body = try? encoder.encode(
                Problem(
                    title: name, status: status.code, detail: detail, field: field, request_id: requestID))
        } else {
            body = try? encoder.encode(
                Envelope(
                    error: name, detail: detail, field: field,
                    timestamp: Date().formatted(.iso8601), request_id: requestID))
        }
        var headers = headers
        headers[.contentType] = problem ? "application/problem+json" : "application/json"
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: body ?? Data())))
    }

    private struct Envelope: Encodable {
        var error: String
        var detail: String
        var field: String?
        var timestamp: String
        var request_id: String
    }

    private struct Problem: Encodable {
        var type = "about:blank"
        var title: String
        var status: Int
        var detail: String
        var field: String?
        var request_id: String
    }
}
