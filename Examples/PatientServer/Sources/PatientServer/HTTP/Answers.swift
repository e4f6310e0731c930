import Foundation
import HTTPTypes
import Hummingbird

/// JSON answers, keys sorted, the same bytes for the same value.
func jsonResponse(_ value: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) throws
    -> Response
{
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return bytesResponse(
        ByteBuffer(bytes: try encoder.encode(value)), "application/json", status: status, headers: headers)
}

/// Bytes of a type.
func bytesResponse(
    _ body: ByteBuffer, _ contentType: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
) -> Response {
    var headers = headers
    headers[.contentType] = contentType
    return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: body))
}

/// A query parameter that is a whole number in a range.
func integer(_ request: Request, _ name: String, default fallback: Int, in range: ClosedRange<Int>) throws -> Int {
    guard let text = request.uri.queryParameters[Substring(name)] else { return fallback }
    guard let value = Int(text), range.contains(value) else {
        throw APIError.invalid(name, "takes a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
}
