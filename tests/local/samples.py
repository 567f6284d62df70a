"""A tiny system for the tests of the local run: a template and the functions it names."""

from pathlib import Path

from local.template import Template

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {Type: String, Default: test}
  Domain: {Type: String, Default: ""}
  ClientId: {Type: String}
Conditions:
  HasDomain: !Not [!Equals [!Ref Domain, ""]]
  Never: !Equals [a, b]
Globals:
  Function:
    Handler: app.handler
    Timeout: 20
    MemorySize: 512
    Environment: {Variables: {TABLE_NAME: !Ref Table, STAGE: !Ref Stage}}
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration:
        AllowOrigins: ["*"]
        AllowMethods: [GET, POST]
        AllowHeaders: [authToken]
        ExposeHeaders: [Retry-After]
        MaxAge: 600
  EchoFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/echo/
      Environment:
        Variables:
          HOST: !If [HasDomain, !Sub "https://${Domain}", !Sub "https://${Api}.${AWS::URLSuffix}"]
          KEY_ARN: !GetAtt Key.Arn
          CLIENT: !Join ["-", [client, !Ref ClientId]]
          PARAMETERS_PREFIX: /sample
          ABSENT: !If [Never, x, !Ref AWS::NoValue]
      Events:
        Get: {Type: HttpApi, Properties: {Path: "/things/{id}", Method: get}}
        Mine: {Type: HttpApi, Properties: {Path: /things/mine, Method: get}}
        Post: {Type: HttpApi, Properties: {Path: /things, Method: post}}
        Deep: {Type: HttpApi, Properties: {Path: "/deep/{rest+}", Method: any}}
        Rest: {Type: HttpApi, Properties: {Path: $default}}
  WorkerFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/worker
      Timeout: 1
      Events:
        Outbox:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Table.StreamArn
            StartingPosition: TRIM_HORIZON
            BatchSize: 4
            BisectBatchOnFunctionError: true
            MaximumRetryAttempts: 2
            MaximumRecordAgeInSeconds: 3600
            FunctionResponseTypes: [ReportBatchItemFailures]
            DestinationConfig: {OnFailure: {Type: SQS, Destination: !GetAtt Dead.Arn}}
            FilterCriteria:
              Filters:
                - Pattern: >-
                    {"eventName": ["INSERT"],
                     "dynamodb": {"Keys": {"sk": {"S": [{"prefix": "OUT#"}]}}}}
        Tick: {Type: Schedule, Properties: {Schedule: rate(1 minute)}}
  UnusedFunction:
    Type: AWS::Serverless::Function
    Condition: Never
    Properties: {CodeUri: functions/unused}
  Key: {Type: AWS::KMS::Key, Properties: {KeyPolicy: {}}}
  Address:
    Type: AWS::SSM::Parameter
    Properties: {Name: /sample/base-url, Type: String, Value: !Sub "https://${Api}"}
  Dead: {Type: AWS::SQS::Queue, Properties: {MessageRetentionPeriod: 1209600}}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - {AttributeName: pk, AttributeType: S}
        - {AttributeName: sk, AttributeType: S}
      KeySchema:
        - {AttributeName: pk, KeyType: HASH}
        - {AttributeName: sk, KeyType: RANGE}
      StreamSpecification: {StreamViewType: KEYS_ONLY}
      TimeToLiveSpecification: {AttributeName: ttl, Enabled: true}
"""

ECHO = '''
"""Does what its event asks for."""
import os, sys, time
CALLS = 0
def handler(event, context):
    global CALLS
    CALLS += 1
    do = event.get("do") or (event.get("queryStringParameters") or {}).get("do")
    if do == "raise":
        raise ValueError("no luck")
    if do == "exit":
        os._exit(7)
    if do == "sleep":
        time.sleep(float(event.get("seconds") or 60))
    if do == "unserialisable":
        return {1, 2}
    if do == "large":
        return "x" * 7_000_000
    if do == "return":
        return event["value"]
    if "requestContext" in event:
        import json
        value = (event.get("queryStringParameters") or {}).get("return")
        if value:
            return json.loads(value)
        kind = {"Content-Type": "application/json"}
        return {"statusCode": 200, "headers": kind, "body": json.dumps(event)}
    print("echo was called", flush=True)
    return {
        "calls": CALLS, "pid": os.getpid(), "environ": dict(os.environ),
        "request_id": context.aws_request_id, "name": context.function_name,
        "arn": context.invoked_function_arn, "memory": context.memory_limit_in_mb,
        "left": context.get_remaining_time_in_millis(),
    }
'''

VALUES = {
    "Table": "test-table",
    "Table.StreamArn": "arn:stream",
    "Dead.Arn": "arn:dead",
    "Key.Arn": "arn:key",
    "Api": "api",
}


def write(folder: Path) -> Template:
    """Lay the sample system into a folder and read its template, with the resources in place."""
    (folder / "template.yaml").write_text(TEMPLATE)
    for name in ("echo", "worker"):
        (folder / "functions" / name).mkdir(parents=True)
        (folder / "functions" / name / "app.py").write_text(ECHO)
    template = Template.read(folder / "template.yaml", {"ClientId": "42"})
    template.values.update(VALUES)
    return template
