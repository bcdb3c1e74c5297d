// Asks @cloud-copilot/iam-simulate for the verdict on each case of a JSON file; prints them as a JSON array, in order.
import { readFileSync } from "node:fs";
import { anonymousPrincipal, runSimulation } from "@cloud-copilot/iam-simulate";

const VERDICTS = { Allowed: "allowed", ExplicitlyDenied: "explicitDeny", ImplicitlyDenied: "implicitDeny" };

function named(policies) {
  return policies.map((policy, index) => ({ name: `p${index}`, policy }));
}

async function verdict(one) {
  const answer = await runSimulation(
    {
      request: {
        principal: one.principal ?? anonymousPrincipal,
        action: one.action,
        resource: { resource: one.resource, accountId: one.owner },
        contextVariables: one.context,
      },
      identityPolicies: named(one.identity),
      permissionBoundaryPolicies: one.boundary ? named(one.boundary) : undefined,
      resourcePolicy: one.resourcePolicy ?? undefined,
      sessionPolicy: one.session ?? undefined,
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  if (answer.resultType === "error") throw new Error(JSON.stringify(answer.errors));
  return VERDICTS[answer.overallResult];
}

const verdicts = [];
for (const one of JSON.parse(readFileSync(process.argv[2], "utf8"))) verdicts.push(await verdict(one));
process.stdout.write(JSON.stringify(verdicts));
