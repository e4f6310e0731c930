/// What observers ask of an error, without the observers.
package protocol SQLClassifiedError: Error {
    var errorType: String { get }
    var statusCode: String? { get }
}
