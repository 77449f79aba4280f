import { fromArray, scope, randn, manualSeed } from "tensorgrad";
import { crossEntropy, Linear, ReLU, Sequential } from "tensorgrad/nn";
import { Adam } from "tensorgrad/optim";
manualSeed(1);
const widths=[784,512,512,10], batch=128;
const layers = widths.slice(1).map((o, i) => new Linear(widths[i], o));
const model = new Sequential(...layers.flatMap((l, i) => (i === 0 ? [l] : [new ReLU(), l])));
const x=randn([batch,784]); const y=fromArray(Int32Array.from({length:batch},(_,i)=>i%10),[batch]);
const opt=new Adam(model.parameters(),{lr:1e-3});
const T:number[][]=[[],[],[],[]];
const N=Number(process.argv[2]??60);
for(let i=0;i<N;i++){
 using s=scope();
 const t0=performance.now(); opt.zeroGrad();
 const loss=crossEntropy(model.forward(x),y); const t1=performance.now();
 loss.backward(); const t2=performance.now(); opt.step(); const t3=performance.now();
 T[0].push(t3-t0);T[1].push(t1-t0);T[2].push(t2-t1);T[3].push(t3-t2);
}
const med=(a:number[])=>[...a].sort((x,y)=>x-y)[a.length>>1];
console.log("median total/fwd/bwd/step", T.map(a=>med(a).toFixed(2)).join(" "), "min", T.map(a=>Math.min(...a).toFixed(2)).join(" "));
